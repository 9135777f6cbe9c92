package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxPicture bounds a picture, in octets: the README loads several.
const maxPicture = 150_000

// TestPictures takes the documentation's pictures anew. If the page is not what
// it was when they were taken, they are out of date.
func TestPictures(t *testing.T) {
	folder := t.TempDir()
	if says, err := exec.Command(program, "playground", "-shots", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	const kept = "../pictures"
	was, err := os.ReadFile(filepath.Join(kept, "pages.txt"))
	if err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(filepath.Join(folder, "pages.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(was, now) {
		t.Errorf("the pictures are out of date: go run ./cmd/smtptest playground -shots deploy/pictures\n%s\n%s", was, now)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(now)) {
		name, _, _ := strings.Cut(line, " ")
		for _, in := range []string{kept, folder} {
			picture, err := os.Stat(filepath.Join(in, name+".png"))
			if err != nil || picture.Size() > maxPicture || picture.Size() < 1000 {
				t.Errorf("%s of %s: %v %v", name, in, picture, err)
			}
		}
		if !strings.Contains(string(readme), "deploy/pictures/"+name+".png") {
			t.Errorf("the README does not show %s", name)
		}
	}
}
