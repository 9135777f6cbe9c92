package tlsgrade

import (
	"fmt"
	"slices"

	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// Item is one thing that the server does, with its grade.
type Item struct {
	Kind  Kind
	Name  string // as IANA or the certificate spells it
	Grade Grade  // empty: it cannot be told
	// Versions in which the server does it, newest first; empty: it is not of a version.
	Versions []uint16
}

// Kind is what an item is.
type Kind string

// The kinds, in the order in which they are listed.
const (
	KindVersion     Kind = "version"
	KindSuite       Kind = "cipher suite"
	KindGroup       Kind = "group"
	KindPrime       Kind = "Diffie-Hellman prime"
	KindScheme      Kind = "signature scheme"
	KindKey         Kind = "certificate key"
	KindSignature   Kind = "certificate signature"
	KindFeature     Kind = "feature"
	featureEMS           = "extended master secret"
	featureCompress      = "compression"
	featureRenewed       = "secure renegotiation"
)

// items are all that the scan saw, each once.
func items(r *tlsscan.Report) []Item {
	var all list
	for _, v := range r.Versions {
		if v.Offered != tlsscan.Yes {
			continue
		}
		all.add(KindVersion, VersionName(v.Number), OfVersion(v.Number), 0)
	}
	for _, v := range r.Versions {
		for _, s := range v.Suites {
			all.add(KindSuite, registry.SuiteName(s.Number), OfSuite(s.Number), v.Number)
		}
	}
	for _, v := range r.Versions {
		for _, g := range v.Groups {
			all.add(KindGroup, registry.GroupName(g), OfGroup(g), v.Number)
		}
	}
	for _, v := range r.Versions {
		for _, s := range v.Suites {
			if s.DHBits > 0 {
				all.add(KindPrime, fmt.Sprintf("%d bits", s.DHBits), OfDH(s.DHBits), v.Number)
			}
		}
	}
	for _, s := range r.Schemes {
		all.add(KindScheme, registry.SchemeName(s), OfScheme(s), 0)
	}
	for _, c := range r.Certificates {
		all.add(KindKey, c.Key, OfKey(c.Key), 0)
		all.add(KindSignature, c.Signature, OfSignature(c.Signature), 0)
	}
	all.features(r)
	return all
}

type list []Item

// add notes an item, or one version more of it.
func (l *list) add(kind Kind, name string, grade Grade, version uint16) {
	if name == "" {
		return
	}
	same := func(i Item) bool { return i.Kind == kind && i.Name == name }
	i := slices.IndexFunc(*l, same)
	if i < 0 {
		i = len(*l)
		*l = append(*l, Item{Kind: kind, Name: name, Grade: grade})
	}
	if it := &(*l)[i]; version != 0 && !slices.Contains(it.Versions, version) {
		it.Versions = append(it.Versions, version)
	}
}

// features are answers that are right or wrong (NCSC-NL 2025-05, 3.4.1, 3.4.2, 4.1).
func (l *list) features(r *tlsscan.Report) {
	grade := func(a, right tlsscan.Answer) Grade {
		if a == right {
			return Good
		}
		return Insufficient
	}
	if a := r.Compression; a != tlsscan.Unknown {
		l.add(KindFeature, named(featureCompress, a), grade(a, tlsscan.No), 0)
	}
	if a := r.SecureRenegotiation; a != tlsscan.Unknown {
		l.add(KindFeature, named(featureRenewed, a), grade(a, tlsscan.Yes), 0)
	}
	if v := r.Version(tlsscan.TLS12); r.ExtendedMasterSecret != tlsscan.Unknown && v != nil && v.Offered == tlsscan.Yes {
		l.add(KindFeature, named(featureEMS, r.ExtendedMasterSecret), grade(r.ExtendedMasterSecret, tlsscan.Yes), 0)
	}
}

func named(feature string, a tlsscan.Answer) string {
	if a == tlsscan.No {
		return "no " + feature
	}
	return feature
}

// worst is the grade of the worst item; empty: there is none.
func worst(all []Item) (g Grade) {
	for _, i := range all {
		if i.Grade != "" {
			g = worse(g, i.Grade)
		}
	}
	return g
}
