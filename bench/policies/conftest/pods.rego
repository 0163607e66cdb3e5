# What kube-linter and Polaris publish as their checks of pods; neither is to be had as a Go module here.
package pods

import rego.v1

import data.objects.containers
import data.objects.pods

deny contains {"id": "host-network", "msg": sprintf("%s is in the network of its node", [pod.name])} if {
	some pod in pods
	pod.spec.hostNetwork
}

deny contains {"id": "host-pid", "msg": sprintf("%s sees the processes of its node", [pod.name])} if {
	some pod in pods
	pod.spec.hostPID
}

deny contains {"id": "host-ipc", "msg": sprintf("%s shares memory with its node", [pod.name])} if {
	some pod in pods
	pod.spec.hostIPC
}

deny contains {"id": "host-path", "msg": sprintf("%s mounts %s of its node", [pod.name, volume.hostPath.path])} if {
	some pod in pods
	some volume in pod.spec.volumes
	volume.hostPath
}

deny contains {"id": "docker-sock", "msg": sprintf("%s mounts the socket of the container runtime", [pod.name])} if {
	some pod in pods
	some volume in pod.spec.volumes
	regex.match(`(docker|containerd|crio)\.sock$`, volume.hostPath.path)
}

deny contains {"id": "unsafe-sysctls", "msg": sprintf("%s sets %s", [pod.name, sysctl.name])} if {
	some pod in pods
	some sysctl in pod.spec.securityContext.sysctls
	regex.match(`^(kernel\.(msg|sem|shm)|fs\.mqueue\.|net\.)`, sysctl.name)
}

deny contains {"id": "automount-service-account-token", "msg": sprintf("%s mounts a token", [pod.name])} if {
	some pod in pods
	not pod.spec.automountServiceAccountToken == false
}

deny contains {"id": "no-anti-affinity", "msg": sprintf("%s may have all pods on one node", [pod.name])} if {
	some pod in pods
	pod.kind in {"Deployment", "StatefulSet"}
	not pod.spec.affinity.podAntiAffinity
	not pod.spec.topologySpreadConstraints
}

deny contains {"id": "bare-pod", "msg": sprintf("%s belongs to no workload", [pod.name])} if {
	some pod in pods
	pod.kind == "Pod"
}

deny contains {"id": "required-labels", "msg": sprintf("%s does not say what it is of", [pod.name])} if {
	some pod in pods
	not pod.labels["app.kubernetes.io/name"]
}

deny contains {"id": "use-namespace", "msg": sprintf("%s is in namespace default", [pod.name])} if {
	some pod in pods
	pod.namespace == "default"
}

deny contains {"id": "privileged-container", "msg": sprintf("%s is privileged", [container.name])} if {
	some container in containers
	container.spec.securityContext.privileged
}

deny contains {"id": "privilege-escalation-container", "msg": sprintf("%s may gain privileges", [container.name])} if {
	some container in containers
	not container.spec.securityContext.allowPrivilegeEscalation == false
}

deny contains {"id": "run-as-non-root", "msg": sprintf("%s may run as root", [container.name])} if {
	some container in containers
	not non_root(container)
}

effective(container, field) := container.spec.securityContext[field] if {
	true
} else := container.pod.spec.securityContext[field]

non_root(container) if effective(container, "runAsNonRoot") == true

non_root(container) if effective(container, "runAsUser") > 0

deny contains {"id": "run-as-root", "msg": sprintf("%s runs as user 0", [container.name])} if {
	some container in containers
	effective(container, "runAsUser") == 0
}

deny contains {"id": "no-read-only-root-fs", "msg": sprintf("%s writes to its root file system", [container.name])} if {
	some container in containers
	not container.spec.securityContext.readOnlyRootFilesystem
}

deny contains {"id": "drop-all-capabilities", "msg": sprintf("%s keeps capabilities", [container.name])} if {
	some container in containers
	not drops_all(container)
}

drops_all(container) if {
	some capability in container.spec.securityContext.capabilities.drop
	upper(capability) == "ALL"
}

deny contains {"id": "dangerous-capabilities", "msg": sprintf("%s adds %s", [container.name, capability])} if {
	some container in containers
	some capability in container.spec.securityContext.capabilities.add
	capability != "NET_BIND_SERVICE"
}

deny contains {"id": "seccomp", "msg": sprintf("%s is not confined by seccomp", [container.name])} if {
	some container in containers
	not confined(container)
}

confined(container) if effective(container, "seccompProfile").type in {"RuntimeDefault", "Localhost"}

deny contains {"id": "unsafe-proc-mount", "msg": sprintf("%s sees all of /proc", [container.name])} if {
	some container in containers
	container.spec.securityContext.procMount == "Unmasked"
}

deny contains {"id": "host-port", "msg": sprintf("%s takes port %d of its node", [container.name, port.hostPort])} if {
	some container in containers
	some port in container.spec.ports
	port.hostPort
}

deny contains {"id": "latest-tag", "msg": sprintf("%s has image %s", [container.name, container.spec.image])} if {
	some container in containers
	indexof(container.spec.image, "@") < 0
	not regex.match(`:[^:/]+$`, container.spec.image)
}

deny contains {"id": "latest-tag", "msg": sprintf("%s has image %s", [container.name, container.spec.image])} if {
	some container in containers
	endswith(container.spec.image, ":latest")
}

deny contains {"id": "registry", "msg": sprintf("%s has image %s of no registry that it names", [container.name, container.spec.image])} if {
	some container in containers
	not regex.match(`^[^/]+\.[^/]+/`, container.spec.image)
}

deny contains {"id": sprintf("unset-%s-%s", [resource, amount]), "msg": sprintf("%s has no %s %s", [container.name, resource, amount])} if {
	some container in containers
	container.list != "ephemeralContainers"
	some [resource, amount] in [["cpu", "requests"], ["memory", "requests"], ["memory", "limits"]]
	not container.spec.resources[amount][resource]
}

deny contains {"id": "no-liveness-probe", "msg": sprintf("%s has no liveness probe", [container.name])} if {
	some container in serving
	not container.spec.livenessProbe
}

deny contains {"id": "no-readiness-probe", "msg": sprintf("%s has no readiness probe", [container.name])} if {
	some container in serving
	not container.spec.readinessProbe
}

serving contains container if {
	some container in containers
	container.list == "containers"
	not container.pod.kind in {"Job", "CronJob"}
}

deny contains {"id": sprintf("%s-port", [probe]), "msg": sprintf("%s is probed at %v, which it does not open", [container.name, port])} if {
	some container in containers
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some action in ["httpGet", "tcpSocket"]
	port := container.spec[probe][action].port
	open := {value | some field in ["name", "containerPort"]; value := container.spec.ports[_][field]}
	not port in open
}

deny contains {"id": "duplicate-env-var", "msg": sprintf("%s has %s twice", [container.name, name])} if {
	some container in containers
	some i, variable in container.spec.env
	name := variable.name
	container.spec.env[j].name == name
	i < j
}

secret_name := `(?i)(token|passw(or)?d|secret|(api|access|private|auth)[_-]?key|credentials?)$`

deny contains {"id": "env-var-secret", "msg": sprintf("%s has %s in clear", [container.name, variable.name])} if {
	some container in containers
	some variable in container.spec.env
	regex.match(secret_name, variable.name)
	variable.value != ""
}
