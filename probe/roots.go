package probe

import (
	"bytes"
	"crypto/x509"
	"io"
	"os"
)

// maxRootsFileBytes bounds a file of certificates: all of Mozilla's roots
// take a fifth of it.
const maxRootsFileBytes = 1 << 20

// RootsError says what is wrong with a file of certificates, in words that
// follow its name, without a full stop.
type RootsError string

// Error implements error.
func (e RootsError) Error() string { return string(e) }

// ReadRoots reads the certificates of private authorities from a PEM file of
// at most 1 MiB. Errors: RootsError.
func ReadRoots(name string) (*x509.CertPool, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, RootsError("cannot be read. Check its name and rights")
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxRootsFileBytes+1))
	switch {
	case err != nil:
		return nil, RootsError("cannot be read. Check that it is a file")
	case len(pem) > maxRootsFileBytes:
		return nil, RootsError("is larger than 1 MiB. Give a file with the certificates of your own authority")
	}
	roots := x509.NewCertPool()
	switch {
	case roots.AppendCertsFromPEM(pem):
		return roots, nil
	case len(pem) == 0:
		return nil, RootsError("is empty")
	case bytes.Contains(pem, []byte("PRIVATE KEY-----")):
		return nil, RootsError("holds a private key and no certificate. " +
			"Give the authority's certificate, and keep the key to yourself")
	}
	return nil, RootsError("holds no certificate in PEM form. " +
		"If it is in DER form: openssl x509 -inform der -in FILE -out FILE.pem")
}
