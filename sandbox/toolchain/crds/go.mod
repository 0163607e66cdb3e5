module stackyard.dev/sandbox/toolchain/crds

go 1.26.0

// nothing imports these (no `go mod tidy` here): the CRDs that they publish are read out of them
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cert-manager/trust-manager v0.25.0
	github.com/envoyproxy/gateway v1.9.1
	github.com/external-secrets/external-secrets v0.20.4
	github.com/kubernetes-csi/external-snapshotter/client/v8 v8.7.0
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/vmware-tanzu/velero v1.18.3
	sigs.k8s.io/gateway-api v1.6.3
)
