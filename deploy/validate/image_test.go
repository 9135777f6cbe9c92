package validate

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	fakeslack "smtptest/bot/playground/slack"
)

// made is the image for this machine, as the program in deploy/image writes it.
type made struct {
	image v1.Image
	index v1.ImageIndex
	files map[string]entry
}

type entry struct {
	tar.Header
	octets []byte
}

func makeImage(t *testing.T, program string) made {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	archive := filepath.Join(t.TempDir(), "archive.tar")
	cmd := exec.Command("go", "run", ".", "-program", program, "-arch", runtime.GOARCH, "-layout", dir, "-archive", archive, "-version", "v1", "-revision", "abc")
	cmd.Dir = "../image"
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &errOut)
	}
	m := made{}
	var err error
	if m.index, err = layout.ImageIndexFromPath(dir); err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(m.index); err != nil {
		t.Fatal(err)
	}
	if digest, err := m.index.Digest(); err != nil || digest.String() != strings.TrimSpace(out.String()) {
		t.Errorf("said %s, is %s, %v", &out, digest, err)
	}
	manifest, err := m.index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 || manifest.Manifests[0].Platform.Architecture != runtime.GOARCH {
		t.Fatalf("%+v, %v", manifest, err)
	}
	if m.image, err = m.index.Image(manifest.Manifests[0].Digest); err != nil {
		t.Fatal(err)
	}
	loaded, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(loaded); err != nil {
		t.Error(err)
	}
	m.files = contents(t, m.image)
	return m
}

func contents(t *testing.T, image v1.Image) map[string]entry {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]entry{}
	for _, l := range layers {
		open, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		r := tar.NewReader(open)
		for {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			octets, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all[h.Name] = entry{*h, octets}
		}
		open.Close()
	}
	return all
}

func TestImage(t *testing.T) {
	m := makeImage(t, "smtptest-bot")
	t.Run("configuration", func(t *testing.T) { configured(t, m.image, "smtptest-bot") })
	t.Run("contents", func(t *testing.T) { contained(t, m.files, "smtptest-bot", 25<<20) })
	t.Run("certificates", func(t *testing.T) { certified(t, m.files["etc/ssl/certs/ca-certificates.crt"].octets) })
	t.Run("program", func(t *testing.T) { started(t, m) })
}

// TestAgentImage: it is made in the same way, and small.
func TestAgentImage(t *testing.T) {
	const program = "smtptest-agent"
	m := makeImage(t, program)
	configured(t, m.image, program)
	contained(t, m.files, program, 10<<20)
	file := filepath.Join(t.TempDir(), program)
	if err := os.WriteFile(file, m.files[program].octets, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, "-check")
	cmd.Env = []string{}
	if out, err := cmd.CombinedOutput(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 78 ||
		!strings.Contains(string(out), "SMTPTEST_NATS_URL") {
		t.Errorf("%v\n%s", err, out)
	}
}

func configured(t *testing.T, image v1.Image, program string) {
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Config
	if c.User != "65532:65532" || !slices.Equal(c.Entrypoint, []string{"/" + program}) || len(c.Cmd)+len(c.Env)+len(c.Volumes) > 0 || config.OS != "linux" {
		t.Errorf("%+v", config)
	}
	for label, want := range map[string]string{"version": "v1", "revision": "abc", "licenses": "MIT", "title": program, "created": "1970-01-01T00:00:00Z"} {
		if got := c.Labels["org.opencontainers.image."+label]; got != want {
			t.Errorf("label %s is %q", label, got)
		}
	}
}

// contained: two files, nobody's to write to, and so no shell.
func contained(t *testing.T, files map[string]entry, name string, most int) {
	var names []string
	for name, f := range files {
		names = append(names, name)
		if f.Uid != 0 || f.Gid != 0 || f.Mode&0o222 != 0 || f.Mode&0o7000 != 0 || f.ModTime.Unix() != 0 {
			t.Errorf("%s: %+v", name, f.Header)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"etc/", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt", name}) {
		t.Errorf("%v", names)
	}
	program, err := elf.NewFile(bytes.NewReader(files[name].octets))
	if err != nil {
		t.Fatal(err)
	}
	if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 || program.Section(".interp") != nil {
		t.Errorf("not static: %v, %v", libraries, err)
	}
	if source, err := filepath.Abs("../.."); err != nil || bytes.Contains(files[name].octets, []byte(source)) {
		t.Errorf("it holds the path of its source, %v", err)
	}
	if n := len(files[name].octets); n > most {
		t.Errorf("%d octets", n)
	}
}

func certified(t *testing.T, octets []byte) {
	n := 0
	for block, rest := pem.Decode(octets); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !c.IsCA {
			t.Errorf("certificate %d: %v", n, err)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d certificates", n)
	}
}

// started unpacks the image and starts its program in it as the image says: as
// nobody in particular, in a root folder that holds nothing else and cannot be
// written to. Without root's rights only its environment is the image's.
func started(t *testing.T, m made) {
	root := t.TempDir()
	for name, f := range m.files {
		if f.Typeflag != tar.TypeReg {
			continue
		}
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.octets, os.FileMode(f.Mode)); err != nil {
			t.Fatal(err)
		}
	}
	fake := fakeslack.New(fakeslack.Options{})
	defer fake.Close()
	config, err := m.image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: filepath.Join(root, config.Config.Entrypoint[0]), Args: config.Config.Entrypoint, Dir: root}
	if os.Getuid() == 0 {
		if err := os.Chmod(root, 0o555); err != nil {
			t.Fatal(err)
		}
		cmd.Path, cmd.Dir = config.Config.Entrypoint[0], "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	}
	cmd.Env = append(config.Config.Env, "SLACK_BOT_TOKEN="+fakeslack.BotToken, "SLACK_APP_TOKEN="+fakeslack.AppToken,
		"SLACK_API_URL="+strings.TrimSuffix(fake.URL(), "/api/"), "SMTPTEST_ADMIN_ADDR=127.0.0.1:0", "SMTPTEST_LOG_FORMAT=json")
	log := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers(t, fake)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Wait(); err != nil || !strings.Contains(log.String(), `"msg":"the admin server is listening"`) || strings.Contains(log.String(), `"level":"ERROR"`) {
		t.Errorf("%v\n%s", err, log)
	}
}

// answers has somebody ask for help, which needs no network.
func answers(t *testing.T, fake *fakeslack.Server) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); fake.Sockets() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it does not connect")
			return
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ack, err := fake.Command(fakeslack.Ada, fakeslack.InMember, "help").Wait(ctx)
	if err != nil || !strings.Contains(string(ack.Payload), "/smtptest") || len(fake.Violations()) > 0 {
		t.Errorf("%v, %s, %v", err, ack.Payload, fake.Violations())
	}
}
