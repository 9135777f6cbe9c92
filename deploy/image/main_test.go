package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestTheSameOctetsTwice builds from two copies of the source in two places,
// with other flags in the environment.
func TestTheSameOctetsTwice(t *testing.T) {
	var digests [2]string
	for i, home := range []string{"one", "another/and/deeper"} {
		dir := filepath.Join(t.TempDir(), home)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		source := filepath.Join(dir, "source")
		for _, part := range []string{"bot", "cmd", "formatting", "probe"} {
			if err := os.CopyFS(filepath.Join(source, part), os.DirFS(filepath.Join("../..", part))); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			octets, err := os.ReadFile(filepath.Join("../..", name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(source, name), octets, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("TMPDIR", dir)
		t.Setenv("GOFLAGS", []string{"", "-buildvcs=false -v"}[i])
		var out bytes.Buffer
		if err := run([]string{"-arch", runtime.GOARCH, "-source", source, "-layout", filepath.Join(dir, "layout"), "-archive", filepath.Join(dir, "archive.tar")}, &out); err != nil {
			t.Fatal(err)
		}
		digests[i] = out.String()
	}
	if digests[0] != digests[1] || len(digests[0]) != len("sha256:")+64+1 {
		t.Errorf("%q and %q", digests[0], digests[1])
	}
}

func TestWhatIsWrong(t *testing.T) {
	for name, args := range map[string][]string{
		"architecture": {"-arch", "none"},
		"source":       {"-arch", runtime.GOARCH, "-source", t.TempDir()},
		"program":      {"-program", "smtptest"},
		"option":       {"-none"},
	} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
