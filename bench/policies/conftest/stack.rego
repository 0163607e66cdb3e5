# What kube-linter and Polaris publish as their checks of other objects, and of what objects say of one another.
package stack

import rego.v1

import data.objects.all
import data.objects.name_of
import data.objects.namespace_of
import data.objects.pods

deny contains {"id": "env-var-secret", "msg": sprintf("%s has %s in clear", [name_of(item), key])} if {
	some item in all
	item.kind == "ConfigMap"
	some key, value in item.data
	regex.match(data.pods.secret_name, key)
	value != ""
}

deny contains {"id": "exposed-services", "msg": sprintf("%s is of type %s", [name_of(item), item.spec.type])} if {
	some item in all
	item.kind == "Service"
	item.spec.type in {"NodePort", "LoadBalancer"}
}

deny contains {"id": "tls-settings-missing", "msg": sprintf("%s has no TLS", [name_of(item)])} if {
	some item in all
	item.kind == "Ingress"
	not item.spec.tls
}

deny contains {"id": "wildcard-in-rules", "msg": sprintf("%s allows any of %s", [name_of(item), field])} if {
	some item in all
	item.kind in {"Role", "ClusterRole"}
	some rule in item.rules
	some field in ["verbs", "resources"]
	"*" in rule[field]
}

deny contains {"id": "access-to-secrets", "msg": sprintf("%s may read Secrets", [name_of(item)])} if {
	some item in all
	item.kind == "ClusterRole"
	some rule in item.rules
	"secrets" in rule.resources
}

deny contains {"id": "cluster-admin-role-binding", "msg": sprintf("%s binds cluster-admin", [name_of(item)])} if {
	some item in all
	item.kind in {"RoleBinding", "ClusterRoleBinding"}
	item.roleRef.name == "cluster-admin"
}

removed := {"extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "batch/v1beta1", "policy/v1beta1", "networking.k8s.io/v1beta1"}

deny contains {"id": "no-extensions-v1beta", "msg": sprintf("%s is of %s, which is gone", [name_of(item), item.apiVersion])} if {
	some item in all
	item.apiVersion in removed
}

deny contains {"id": "missing-replicas", "msg": sprintf("%s has one replica", [name_of(item)])} if {
	some item in all
	item.kind == "Deployment"
	object.get(item.spec, "replicas", 1) == 1
	not autoscaled(item)
}

targets contains [namespace_of(item), item.spec.scaleTargetRef.kind, item.spec.scaleTargetRef.name] if {
	some item in all
	item.kind == "HorizontalPodAutoscaler"
}

autoscaled(item) if [namespace_of(item), item.kind, item.metadata.name] in targets

deny contains {"id": "hpa-and-replicas", "msg": sprintf("%s has both replicas and an autoscaler", [name_of(item)])} if {
	some item in all
	item.kind in {"Deployment", "StatefulSet"}
	item.spec.replicas
	autoscaled(item)
}

deny contains {"id": "dangling-hpa", "msg": sprintf("%s scales nothing", [name_of(item)])} if {
	some item in all
	item.kind == "HorizontalPodAutoscaler"
	ref := item.spec.scaleTargetRef
	not [namespace_of(item), ref.kind, ref.name] in named
}

named contains [namespace_of(item), item.kind, item.metadata.name] if some item in all

deny contains {"id": "hpa-minimum-replicas", "msg": sprintf("%s may go down to one pod", [name_of(item)])} if {
	some item in all
	item.kind == "HorizontalPodAutoscaler"
	object.get(item.spec, "minReplicas", 1) < 2
}

# Pods by each of their labels, so that a selector looks at few of them.
labelled[namespace][key][value] contains pod if {
	some pod in pods
	namespace := pod.namespace
	some key, value in pod.labels
}

selected(namespace, labels) if {
	count(labels) == 0
	some pod in pods
	pod.namespace == namespace
}

selected(namespace, labels) if {
	keys := sort(object.keys(labels))
	some pod in labelled[namespace][keys[0]][labels[keys[0]]]
	matches(pod, labels)
}

matches(pod, labels) if {
	every key, value in labels {
		pod.labels[key] == value
	}
}

deny contains {"id": "dangling-service", "msg": sprintf("%s selects no pod", [name_of(item)])} if {
	some item in all
	item.kind == "Service"
	count(item.spec.selector) > 0
	not selected(namespace_of(item), item.spec.selector)
}

deny contains {"id": "dangling-networkpolicy", "msg": sprintf("%s selects no pod", [name_of(item)])} if {
	some item in all
	item.kind == "NetworkPolicy"
	not item.spec.podSelector.matchExpressions
	labels := object.get(item.spec.podSelector, "matchLabels", {})
	count(labels) > 0
	not selected(namespace_of(item), labels)
}

deny contains {"id": "non-isolated-pod", "msg": sprintf("%s has no network policy", [pod.name])} if {
	some pod in pods
	not isolated(pod)
}

isolated(pod) if {
	some policy in policies[pod.namespace]
	matches(pod, object.get(policy.spec.podSelector, "matchLabels", {}))
}

policies[namespace] contains item if {
	some item in all
	item.kind == "NetworkPolicy"
	namespace := namespace_of(item)
}

deny contains {"id": "mismatching-selector", "msg": sprintf("%s selects other pods than it makes", [name_of(item)])} if {
	some item in all
	item.kind in {"Deployment", "StatefulSet", "DaemonSet"}
	labels := object.get(object.get(item.spec.template, "metadata", {}), "labels", {})
	not matches({"labels": labels}, object.get(object.get(item.spec, "selector", {}), "matchLabels", {"selector": "none"}))
}

deny contains {"id": "dangling-ingress", "msg": sprintf("%s leads to Service %s, which is not there", [name_of(item), name])} if {
	some item in all
	item.kind == "Ingress"
	name := item.spec.rules[_].http.paths[_].backend.service.name
	not [namespace_of(item), "Service", name] in named
}

deny contains {"id": "non-existent-service-account", "msg": sprintf("%s has account %s, which is not there", [pod.name, name])} if {
	some pod in pods
	name := pod.spec.serviceAccountName
	name != "default"
	not [pod.namespace, "ServiceAccount", name] in named
}

deny contains {"id": "pdb-max-unavailable", "msg": sprintf("%s lets no pod go", [name_of(item)])} if {
	some item in all
	item.kind == "PodDisruptionBudget"
	item.spec.maxUnavailable in {0, "0", "0%"}
}

deny contains {"id": "pdb-min-available", "msg": sprintf("%s lets no pod go", [name_of(item)])} if {
	some item in all
	item.kind == "PodDisruptionBudget"
	item.spec.minAvailable == "100%"
}

deny contains {"id": "missing-pdb", "msg": sprintf("%s has no PodDisruptionBudget", [name_of(item)])} if {
	some item in all
	item.kind in {"Deployment", "StatefulSet"}
	labels := object.get(object.get(item.spec.template, "metadata", {}), "labels", {})
	not budgeted(namespace_of(item), labels)
}

budgeted(namespace, labels) if {
	some item in budgets[namespace]
	matches({"labels": labels}, object.get(item.spec.selector, "matchLabels", {}))
}

budgets[namespace] contains item if {
	some item in all
	item.kind == "PodDisruptionBudget"
	namespace := namespace_of(item)
}
