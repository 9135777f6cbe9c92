package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// The places in the image. Go looks for certificates there by itself.
const (
	rootsPath = "etc/ssl/certs/ca-certificates.crt"
	nobody    = "65532:65532" // owns nothing in the image, and has no name
)

// program is one that has an image.
type program struct{ description, tags string }

// programs are all of them. What an agent fetches is one small file of a policy
// host, for which HTTP/1.1 is enough: without HTTP/2 it is 0.3 MiB smaller.
func programs() map[string]program {
	return map[string]program{
		"smtptest-bot":   {"Tests SMTP servers from Slack and Discord", ""},
		"smtptest-agent": {"Tests SMTP servers from where it stands, when smtptest-bot asks", "nethttpomithttp2"},
	}
}

// file is one file of a layer; its folders are made for it.
type file struct {
	path   string
	mode   int64
	octets []byte
}

// imageFor makes the image of one architecture.
func imageFor(r request, arch string, roots []byte) (v1.Image, error) {
	octets, err := compile(r, arch)
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, f := range []file{{rootsPath, 0o444, roots}, {r.program, 0o555, octets}} {
		layer, err := layerOf(f, r.created)
		if err != nil {
			return nil, err
		}
		image, err = mutate.Append(image, mutate.Addendum{
			Layer: layer, MediaType: types.OCILayer,
			History: v1.History{Created: v1.Time{Time: r.created}, CreatedBy: "deploy/image: " + f.path},
		})
		if err != nil {
			return nil, err
		}
	}
	return configured(image, r, arch)
}

// configured says how the image is run.
func configured(image v1.Image, r request, arch string) (v1.Image, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", arch, v1.Time{Time: r.created}
	config.Config = v1.Config{
		User: nobody, Entrypoint: []string{"/" + r.program}, WorkingDir: "/", StopSignal: "SIGTERM",
		Labels: labels(r),
	}
	return mutate.ConfigFile(image, config)
}

func labels(r request) map[string]string {
	all := map[string]string{
		"org.opencontainers.image.title":       r.program,
		"org.opencontainers.image.description": programs()[r.program].description,
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.created":     r.created.Format(time.RFC3339),
	}
	if r.version != "" {
		all["org.opencontainers.image.version"] = r.version
	}
	if r.revision != "" {
		all["org.opencontainers.image.revision"] = r.revision
	}
	return all
}

// compile builds the static program. Nothing of this machine gets into it.
func compile(r request, arch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, r.program)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=",
		"-tags="+programs()[r.program].tags, "-o", out, "./cmd/"+r.program)
	cmd.Dir = r.source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=-mod=readonly", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}

// layerOf is a layer of one file that belongs to root and that nobody may
// write to.
func layerOf(f file, created time.Time) (v1.Layer, error) {
	var octets bytes.Buffer
	w := tar.NewWriter(&octets)
	for i, c := range f.path {
		if c != '/' {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: f.path[:i+1], Mode: 0o555, ModTime: created, Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.path, Mode: f.mode, Size: int64(len(f.octets)), ModTime: created, Format: tar.FormatUSTAR}); err != nil {
		return nil, err
	}
	if _, err := w.Write(f.octets); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(octets.Bytes())), nil }
	return tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(9))
}

// certificates are Mozilla's roots in PEM form. Restrictions that Mozilla puts
// on some of them cannot be written in this form.
func certificates() ([]byte, error) {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	if out.Len() == 0 {
		return nil, fmt.Errorf("there are no root certificates")
	}
	return out.Bytes(), nil
}
