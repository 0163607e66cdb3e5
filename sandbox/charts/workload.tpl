{{/*
A workload as pod security "restricted" takes it. No container runs on the sandbox: what a chart's program does, nobody does here.

at: the chart's own dot; name; kind (Deployment, StatefulSet or DaemonSet); replicas; namespace; labels: further ones of the pods;
account: name of a ServiceAccount; claim: spec of a claim for each pod; envFrom: as in a container; onNode: uses the node's network and folders
*/}}
{{- define "sandbox.workload" }}
{{- $selector := dict "app.kubernetes.io/name" .name "app.kubernetes.io/instance" .at.Release.Name }}
{{- $kind := .kind | default "Deployment" }}
---
apiVersion: apps/v1
kind: {{ $kind }}
metadata:
  name: {{ .name }}
  namespace: {{ .namespace | default .at.Release.Namespace }}
  labels: {{ toJson $selector }}
spec:
  {{- if ne $kind "DaemonSet" }}
  replicas: {{ .replicas | default 1 }}
  {{- end }}
  {{- if eq $kind "StatefulSet" }}
  serviceName: {{ .name }}
  {{- end }}
  selector: { matchLabels: {{ toJson $selector }} }
  template:
    metadata: { labels: {{ merge (dict) $selector (.labels | default dict) | toJson }} }
    spec:
      {{- with .account }}
      serviceAccountName: {{ . }}
      {{- end }}
      {{- if .onNode }}
      hostNetwork: true
      volumes: [{ name: node, hostPath: { path: / } }]
      {{- end }}
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: {{ .name }}
          image: sandbox.invalid/{{ .name }}:{{ .at.Chart.Version }}
          resources: { requests: { cpu: 10m, memory: 16Mi }, limits: { memory: 16Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          {{- with .envFrom }}
          envFrom: {{ toJson . }}
          {{- end }}
  {{- with .claim }}
  volumeClaimTemplates: [{ metadata: { name: data }, spec: {{ toJson . }} }]
  {{- end }}
{{- end }}

{{/* Keeps pods of a workload: at, name. */}}
{{- define "sandbox.budget" }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: {{ .name }}, namespace: {{ .at.Release.Namespace }} }
spec:
  maxUnavailable: 1
  selector: { matchLabels: { app.kubernetes.io/name: {{ .name }}, app.kubernetes.io/instance: {{ .at.Release.Name }} } }
{{- end }}

{{/* Has Prometheus scrape a Service: at, name. */}}
{{- define "sandbox.monitor" }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: {{ .name }}, namespace: {{ .at.Release.Namespace }} }
spec:
  selector: { matchLabels: { app.kubernetes.io/name: {{ .name }} } }
  endpoints: [{ port: metrics }]
{{- end }}

{{/* A Service in front of a workload: at, name, port, service: its own name. */}}
{{- define "sandbox.service" }}
---
apiVersion: v1
kind: Service
metadata: { name: {{ .service | default .name }}, namespace: {{ .at.Release.Namespace }}, labels: { app.kubernetes.io/name: {{ .name }} } }
spec:
  selector: { app.kubernetes.io/name: {{ .name }}, app.kubernetes.io/instance: {{ .at.Release.Name }} }
  ports: [{ name: metrics, port: {{ .port }} }]
{{- end }}

{{/* A ServiceAccount: at, name, annotations. */}}
{{- define "sandbox.account" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ .at.Release.Namespace }}
  {{- with .annotations }}
  annotations: {{ toJson . }}
  {{- end }}
{{- end }}
