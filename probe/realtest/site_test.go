//go:build unix

package realtest

import (
	"crypto/x509"
	"embed"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"smtptest/probe/probetest"
)

//go:embed testdata
var templates embed.FS

// site is where one test's servers live: nothing outside its folder is
// written, and all that they trust is made for it.
type site struct {
	*testing.T
	folder string
	ca     *probetest.CA
	roots  string // PEM file with the trusted root
}

// newSite skips the test where real servers are not asked for.
func newSite(t *testing.T) *site {
	t.Helper()
	if os.Getenv("SMTPTEST_REAL") != "1" || os.Geteuid() != 0 {
		t.Skip("real servers are tested by root after .ci/real-servers: SMTPTEST_REAL=1 go test ./probe/realtest")
	}
	t.Parallel()
	// Not t.TempDir: the servers' own accounts may not look into that.
	folder, err := os.MkdirTemp("", "smtptest-")
	must(t, err)
	must(t, os.Chmod(folder, 0o755))
	t.Cleanup(func() { os.RemoveAll(folder) })
	ca, err := probetest.NewCA()
	must(t, err)
	s := &site{T: t, folder: folder, ca: ca, roots: filepath.Join(folder, "roots.pem")}
	full, err := ca.Certificate("chain=root", mailHost)
	must(t, err)
	s.write(s.roots, pemOf(full.Certificate[2]))
	return s
}

// certificate writes what probetest.CertSpec describes: the key, then the
// certificates as they are to be sent, the order that Postfix wants.
func (s *site) certificate(spec string) string {
	s.Helper()
	c, err := s.ca.Certificate(spec, mailHost)
	must(s, err)
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	must(s, err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	path := filepath.Join(s.folder, strings.NewReplacer(" ", "_", "/", "_").Replace("cert_"+spec+".pem"))
	s.write(path, append(key, pemOf(c.Certificate...)...))
	return path
}

func pemOf(certificates ...[]byte) []byte {
	var out []byte
	for _, der := range certificates {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return out
}

// configure writes one file from its template.
func (s *site) configure(path, name string, data any) {
	s.Helper()
	t, err := template.ParseFS(templates, "testdata/"+name)
	must(s, err)
	var text strings.Builder
	must(s, t.Execute(&text, data))
	s.write(path, []byte(text.String()))
}

// subfolder makes a folder that is owned by root.
func (s *site) subfolder(name string) string {
	s.Helper()
	path := filepath.Join(s.folder, name)
	must(s, os.MkdirAll(path, 0o755))
	return path
}

// write keeps private keys private: OpenSMTPD refuses others.
func (s *site) write(path string, content []byte) {
	s.Helper()
	must(s, os.WriteFile(path, content, 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
