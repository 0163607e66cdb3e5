package objects

import rego.v1

# Every object of the files that are judged together, as `conftest --combine` shows them.
all contains item if {
	some file in input
	some item in documents(file.contents)
}

documents(contents) := contents if {
	is_array(contents)
} else := contents.items if {
	endswith(contents.kind, "List")
} else := [contents]

namespace_of(item) := object.get(item.metadata, "namespace", "default")

name_of(item) := sprintf("%s %s/%s", [item.kind, namespace_of(item), item.metadata.name])

workloads := {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController"}

template_of(item) := item if {
	item.kind == "Pod"
} else := item.spec.jobTemplate.spec.template if {
	item.kind == "CronJob"
} else := item.spec.template if {
	item.kind in workloads
}

# Every pod that there would be: whose it is, its labels and its spec.
pods contains pod if {
	some item in all
	template := template_of(item)
	pod := {
		"name": name_of(item),
		"kind": item.kind,
		"namespace": namespace_of(item),
		"labels": object.get(object.get(template, "metadata", {}), "labels", {}),
		"spec": template.spec,
	}
}

containers contains container if {
	some pod in pods
	some list in ["containers", "initContainers", "ephemeralContainers"]
	some spec in pod.spec[list]
	container := {"name": sprintf("container %s of %s", [spec.name, pod.name]), "list": list, "spec": spec, "pod": pod}
}
