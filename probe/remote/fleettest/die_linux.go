package fleettest

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends the server with the test's process, however that ends.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
