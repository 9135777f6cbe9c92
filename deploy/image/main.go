// Command image makes the container image of smtptest-bot, or of smtptest-agent,
// without a container engine, and prints its digest:
//
//	cd deploy/image && go run . -layout DIR             # an OCI image layout
//	cd deploy/image && go run . -archive smtptest.tar   # for “docker load” and “podman load”
//	cd deploy/image && go run . -program smtptest-agent -layout DIR
//
// In this order: it builds the static program for each architecture, lays it
// and the root certificates of Mozilla into one layer each, and writes them
// with a configuration that runs them as nobody in particular. There is nothing
// else in the image: no shell, no package, no user who could log in. The same
// source makes the same octets: times are zero, paths are trimmed, and the
// certificates come from a module that go.sum pins.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/google/go-containerregistry/pkg/name"
)

// request is what somebody wants made.
type request struct {
	program  string   // one of programs
	source   string   // root of the module
	arches   []string // as GOARCH
	version  string   // label; empty: none
	revision string   // label; empty: none
	created  time.Time
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	dir := flags.String("layout", "", "write an OCI image layout into this new folder")
	archive := flags.String("archive", "", "write an archive for “docker load” of the first architecture")
	arches := flags.String("arch", "amd64,arm64", "architectures")
	program := flags.String("program", "smtptest-bot", "smtptest-bot or smtptest-agent")
	tag := flags.String("tag", "", "name in the archive; empty: PROGRAM:latest")
	source := flags.String("source", "../..", "root of the source")
	version := flags.String("version", "", "label org.opencontainers.image.version")
	revision := flags.String("revision", "", "label org.opencontainers.image.revision")
	epoch := flags.Int64("created", 0, "time of creation in seconds since 1970, such as SOURCE_DATE_EPOCH")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, known := programs()[*program]; !known {
		return fmt.Errorf("there is no program %q", *program)
	}
	index, first, err := build(request{*program, *source, strings.Split(*arches, ","), *version, *revision, time.Unix(*epoch, 0).UTC()})
	if err != nil {
		return err
	}
	if *dir != "" {
		if _, err := layout.Write(*dir, index); err != nil {
			return err
		}
	}
	if *archive != "" {
		if err := writeArchive(*archive, cmp.Or(*tag, *program+":latest"), first); err != nil {
			return err
		}
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, digest)
	return err
}

func writeArchive(file, tag string, image v1.Image) error {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(file, ref, image)
}

// build makes the index of all architectures; first is the image of the first.
func build(r request) (index v1.ImageIndex, first v1.Image, err error) {
	index = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	roots, err := certificates()
	if err != nil {
		return nil, nil, err
	}
	for _, arch := range r.arches {
		image, err := imageFor(r, arch, roots)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", arch, err)
		}
		if first == nil {
			first = image
		}
		platform := v1.Platform{OS: "linux", Architecture: arch}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	}
	return index, first, nil
}
