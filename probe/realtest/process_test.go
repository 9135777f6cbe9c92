//go:build unix

package realtest

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	startLimit = 20 * time.Second // of a server, until all its ports answer
	stopLimit  = 5 * time.Second  // until SIGTERM is followed by SIGKILL
)

// Ports of servers are below those that the system gives to whoever asks for
// any: between the choice and the server's start nobody else gets them.
const firstPort, lastPort = 10000, 29999

// freePorts finds TCP ports of 127.0.0.1 that nobody uses, and keeps them
// from other tests, also those of another process, until the test ends.
func freePorts(t testing.TB, n int) []uint16 {
	t.Helper()
	var ports []uint16
	for range 100 * n {
		if len(ports) == n {
			return ports
		}
		port := uint16(firstPort + rand.IntN(lastPort-firstPort+1))
		mark, err := net.Listen("unix", fmt.Sprintf("@smtptest-port-%d", port)) // its name is no file (unix(7))
		if err != nil {
			continue
		}
		t.Cleanup(func() { mark.Close() })
		if l, err := net.Listen("tcp4", net.JoinHostPort(loopback, strconv.Itoa(int(port)))); err == nil {
			l.Close()
			ports = append(ports, port)
		}
	}
	t.Fatalf("no %d free ports from %d to %d", n, firstPort, lastPort)
	return nil
}

// run starts a server in the foreground, in a process group of its own, and
// waits until its ports answer. It ends with the test; what it wrote is shown
// if the test failed.
func (s *site) run(cmd *exec.Cmd, log string, ports ...uint16) {
	s.Helper()
	output, err := os.Create(filepath.Join(s.folder, "output-"+filepath.Base(cmd.Path)))
	must(s, err)
	cmd.Stdout, cmd.Stderr = output, output
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	must(s, cmd.Start())
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	s.Cleanup(func() {
		s.stop(cmd.Process.Pid, ended)
		output.Close()
		if s.Failed() {
			s.show(output.Name(), log)
		}
	})
	for _, port := range ports {
		s.await(port, ended)
	}
}

// await returns when the port accepts a connection.
func (s *site) await(port uint16, ended <-chan struct{}) {
	s.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			s.Fatalf("the server ended before port %d answered", port)
		default:
		}
	}
	s.Fatalf("port %d did not answer within %s", port, startLimit)
}

// stop asks the process group to end, and sees to it that it does.
func (s *site) stop(group int, ended <-chan struct{}) {
	syscall.Kill(-group, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopLimit):
	}
	syscall.Kill(-group, syscall.SIGKILL)
	for until := time.Now().Add(stopLimit); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
			return
		}
	}
	s.Errorf("process group %d lives on", group)
}

// show puts what a server wrote into the test's log. A server may name a
// folder of several files.
func (s *site) show(paths ...string) {
	for _, path := range paths {
		filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			text, _ := os.ReadFile(file)
			s.Logf("%s:\n%s", filepath.Base(file), text[max(0, len(text)-8000):])
			return nil
		})
	}
}
