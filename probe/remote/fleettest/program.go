package fleettest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

const serverModule = "github.com/nats-io/nats-server/v2"

// Program is a nats-server that can be started. The test is skipped where real
// servers are not asked for.
func Program(t testing.TB) string {
	t.Helper()
	if os.Getenv("SMTPTEST_REAL") != "1" {
		t.Skip("real servers of NATS are started with SMTPTEST_REAL=1")
	}
	if name := os.Getenv("SMTPTEST_NATS_SERVER"); name != "" {
		return name
	}
	name, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// build builds the server unless that was done before. Two that build at the
// same time do it twice, and one of them is kept.
func build() (string, error) {
	folder, version, err := pinned()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "smtptest")
	name := filepath.Join(cache, "nats-server-"+version)
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	scratch, err := os.MkdirTemp(cache, "build")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	built := filepath.Join(scratch, "nats-server")
	cmd := exec.Command("go", "build", "-o", built, serverModule)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("nats-server %s was not built: %w\n%s", version, err, out)
	}
	return name, os.Rename(built, name)
}

// pinned is the folder of the module file that names the version to test, and
// that version.
func pinned() (folder, version string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		folder = filepath.Join(dir, ".ci", "tools", "nats")
		octets, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil {
			found := regexp.MustCompile(regexp.QuoteMeta(serverModule) + ` (v\S+)`).FindSubmatch(octets)
			if found == nil {
				return "", "", fmt.Errorf("%s pins no %s", folder, serverModule)
			}
			return folder, string(found[1]), nil
		}
		if dir == filepath.Dir(dir) {
			return "", "", fmt.Errorf("no .ci/tools/nats/go.mod above the test: %w", err)
		}
	}
}
