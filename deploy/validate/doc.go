// Package validate holds the files in deploy against the parsers that will
// read them: Kubernetes' and kustomize's, Prometheus', systemd's, and the
// reader of OCI images; and against the program: every variable, metric, port
// and path that they name exists. The image is made and its program started,
// as the image says, before a fake Slack. Everything here is a test, in a
// module of its own, so that none of it is a dependency of the program.
package validate
