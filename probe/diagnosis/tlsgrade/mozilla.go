package tlsgrade

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

//go:embed data/mozilla.tsv
var mozilla []byte

// profile is one of Mozilla's.
type profile struct {
	name, edition, source string
	versions, keys        []string
	rsaBits, dhBits       int // the least; 0: none is set
	suites                []string
}

// profiles are all, strictest first.
var profiles = sync.OnceValue(func() []profile { return registry.MustTable("mozilla.tsv", mozilla, 9, readProfile) })

func readProfile(c []string) (profile, error) {
	p := profile{
		name: c[0], edition: c[1], source: c[2], versions: registry.List(c[4], ", "), keys: registry.List(c[5], " "),
		suites: registry.List(c[8], " "),
	}
	var err error
	if p.rsaBits, err = number(c[6]); err == nil {
		p.dhBits, err = number(c[7])
	}
	return p, err
}

// number reads a cell with a number; 0 for an empty one.
func number(cell string) (int, error) {
	if cell == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no number", cell)
	}
	return n, nil
}

// Profile is how the server compares with Mozilla's profiles: versions, suites,
// Diffie-Hellman and RSA sizes and kinds of key; not groups, of which a profile
// lists those to prefer.
type Profile struct {
	Name    string // the strictest that it keeps within; empty: none, or not compared
	Edition string // of the guidelines
	Source  string
	// Compared is false where the scan did not see enough.
	Compared bool
	// Beyond is what keeps it from the next stricter one, by name.
	Beyond []string
	Next   string // the name of that; empty: there is none
}

// profileOf compares with all profiles.
func profileOf(r *tlsscan.Report) (p Profile) {
	if !measuredAll(r) {
		return p
	}
	p.Compared = true
	for _, one := range profiles() {
		beyond := one.beyond(r)
		if len(beyond) == 0 {
			p.Name, p.Edition, p.Source = one.name, one.edition, one.source
			return p
		}
		p.Beyond, p.Next = beyond, one.name
	}
	return p
}

// measuredAll reports that it is known of each version whether it is spoken, and
// of each that is, with which suites.
func measuredAll(r *tlsscan.Report) bool {
	spoken := false
	for _, v := range r.Versions {
		if v.Offered == tlsscan.Unknown || v.Offered == tlsscan.Yes && !v.Complete {
			return false
		}
		spoken = spoken || v.Offered == tlsscan.Yes
	}
	return spoken
}

// beyond is what the server does outside the profile.
func (p profile) beyond(r *tlsscan.Report) (out []string) {
	add := func(outside bool, what string) {
		if outside && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	for _, v := range r.Versions {
		add(v.Offered == tlsscan.Yes && !slices.Contains(p.versions, VersionName(v.Number)), VersionName(v.Number))
	}
	for _, c := range r.Certificates {
		bits, isRSA := rsaBits(c.Key)
		// “old” lists RSA alone for the sake of old clients, not because other keys are worse.
		add(c.Kind == "RSA" && !slices.Contains(p.keys, c.Kind), "a certificate with "+c.Key)
		add(isRSA && bits < p.rsaBits, "a certificate with "+c.Key)
	}
	for _, v := range r.Versions {
		for _, s := range v.Suites {
			add(s.DHBits > 0 && s.DHBits < p.dhBits, fmt.Sprintf("Diffie-Hellman with %d bits", s.DHBits))
			add(!slices.Contains(p.suites, registry.SuiteName(s.Number)), registry.SuiteName(s.Number))
		}
	}
	return out
}
