package validate

import (
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestProofsExist: each test that SECURITY.md names is one.
func TestProofsExist(t *testing.T) {
	octets, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	root := os.DirFS("../..")
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(root, path)
		code.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(octets)) {
		if strings.Count(line, " | ") != 2 || strings.Contains(line, "| proved by |") {
			continue
		}
		if rows++; !regexp.MustCompile(`\| (.*` + "`(?:Test|Fuzz)" + `.*)\|\n$`).MatchString(line) {
			t.Errorf("nothing is said to prove %s", line)
		}
	}
	if rows < 25 {
		t.Errorf("only %d rows", rows)
	}
	names := regexp.MustCompile("`(?:Test|Fuzz)[A-Za-z0-9]+`").FindAllString(string(octets), -1)
	if len(names) < 30 {
		t.Errorf("only %d proofs", len(names))
	}
	for _, name := range names {
		if !strings.Contains(code.String(), "\nfunc "+strings.Trim(name, "`")+"(") {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestProbeFetchesNothing: what is not linked cannot be asked. Only the
// examination of a domain fetches something: its MTA-STS policy, past the guard.
func TestProbeFetchesNothing(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "./probe", "./probe/diagnosis", "./probe/explain")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	for _, p := range packages {
		if p == "net/http" {
			t.Error("the probe can speak HTTP")
		}
	}
	if len(packages) < 50 {
		t.Errorf("only %d packages", len(packages))
	}
}
