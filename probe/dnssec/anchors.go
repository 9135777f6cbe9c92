package dnssec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/miekg/dns"
)

// Anchors are the keys that everything is proven by: DS records by zone.
type Anchors map[string][]*dns.DS

// rootAnchors are the root's, as IANA publishes them
// (https://data.iana.org/root-anchors/root-anchors.xml). The root is signed by
// 38696 since 11 October 2026; 20326 is to be revoked in 2027.
const rootAnchors = `
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
`

// RootAnchors are the trust anchors of the root zone.
func RootAnchors() Anchors {
	anchors, err := ParseAnchors(strings.NewReader(rootAnchors))
	if err != nil {
		panic("dnssec: the built-in anchors cannot be read: " + err.Error())
	}
	return anchors
}

// ReadAnchors reads a file of anchors. Its errors do not repeat the path.
func ReadAnchors(path string) (Anchors, error) {
	file, err := os.Open(path)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, failed.Err
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	return ParseAnchors(file)
}

// maxAnchorOctets bounds a file of anchors.
const maxAnchorOctets = 64 << 10

// ParseAnchors reads DS and DNSKEY records in the form of a zone file (RFC 1035
// §5), as Debian's dns-root-data and unbound-anchor write them. The error names
// the line, or says that there is no anchor, or one whose algorithm is not known.
func ParseAnchors(file io.Reader) (Anchors, error) {
	out := Anchors{}
	zp := dns.NewZoneParser(io.LimitReader(file, maxAnchorOctets), ".", "")
	zp.SetDefaultTTL(3600) // such files have none
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		var ds *dns.DS
		switch a := rr.(type) {
		case *dns.DS:
			ds = a
		case *dns.DNSKEY:
			ds = a.ToDS(dns.SHA256)
		default:
			return nil, fmt.Errorf("a trust anchor is a DS or DNSKEY record, not %s", dns.Type(rr.Header().Rrtype))
		}
		if ds == nil || !known(ds.Algorithm) {
			return nil, fmt.Errorf("the algorithm of the trust anchor for %s is not known", rr.Header().Name)
		}
		zone := strings.ToLower(ds.Hdr.Name)
		if !dns.IsFqdn(zone) { // the parser takes a first line without a name
			return nil, errors.New("a trust anchor has no zone in front")
		}
		out[zone] = append(out[zone], ds)
	}
	if err := zp.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.New("there is no trust anchor in it")
	}
	return out, nil
}
