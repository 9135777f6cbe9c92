package tlsgrade

import (
	"fmt"
	"slices"

	"smtptest/probe/diagnosis"
	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// suiteSort says what is wrong with a suite, worst first.
type suiteSort int

const (
	fineSuite   suiteSort = iota
	datedSuite            // the guideline grades it insufficient or to be phased out
	brokenSuite           // RFC 9325 §4.1 or RFC 7465 forbids it, or its blocks are too short (RFC 9325 §4.1, 3DES)
	nullSuite             // it does not encrypt
)

// sortOf is what is wrong with a suite.
func sortOf(number uint16) suiteSort {
	s, known := registry.SuiteOf(number)
	switch {
	case !known:
		return fineSuite
	case s.Bits == 0:
		return nullSuite
	case s.Authentication == "anon" || s.Export || s.Bits <= 112 || s.Cipher == "RC4_128":
		return brokenSuite
	case OfSuite(number) == Insufficient || OfSuite(number) == PhaseOut:
		return datedSuite
	}
	return fineSuite
}

// suitesOf are the suites of one sort, over all versions.
func (j *Judged) suitesOf(sort suiteSort) (all []uint16) {
	for _, v := range j.Report.Versions {
		for _, s := range v.Suites {
			if sortOf(s.Number) == sort && !slices.Contains(all, s.Number) {
				all = append(all, s.Number)
			}
		}
	}
	return all
}

func suiteNames(all []uint16) (names []string) {
	for _, n := range all {
		names = append(names, registry.SuiteName(n))
	}
	return names
}

// noEncryption is worse than none on every port: it looks protected.
func noEncryption(j *Judged) *Finding {
	all := j.suitesOf(nullSuite)
	if len(all) == 0 {
		return nil
	}
	return &Finding{
		ID: NoEncryption, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §4.1",
		Title: "TLS without encryption can be agreed",
		Explanation: fmt.Sprintf("The server takes %s: it looks like TLS and everybody on the way can read it.",
			some(suiteNames(all), 3)),
		Advice:   "Take the suites with NULL off (OpenSSL: add !eNULL to the list of ciphers)",
		Evidence: j.chose(all),
	}
}

// brokenSuites are a fault where passwords travel. Between servers they are
// better than none, and a note.
func brokenSuites(j *Judged) *Finding {
	all := j.suitesOf(brokenSuite)
	if len(all) == 0 || j.Purpose == Relay {
		return nil
	}
	return &Finding{
		ID: BrokenSuites, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §4.1, RFC 7465",
		Title:       "Broken cipher suites can be agreed: " + join(faults(all)),
		Explanation: fmt.Sprintf("The server takes %s.", some(suiteNames(all), 4)),
		Advice:      "Take these suites off (OpenSSL: add !aNULL:!EXPORT:!RC4:!3DES:!DES to the list of ciphers)",
		Evidence:    j.chose(all),
	}
}

// faults are what is wrong with broken suites, in the words of the field.
func faults(all []uint16) (words []string) {
	add := func(on bool, word string) {
		if on && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	for _, n := range all {
		s, _ := registry.SuiteOf(n)
		add(s.Authentication == "anon", "no certificate (anonymous)")
		add(s.Export, "export grade")
		add(s.Cipher == "RC4_128" && !s.Export, "RC4")
		add(s.Cipher == "3DES_EDE_CBC", "3DES")
		add(s.Bits < 112 && !s.Export && s.Cipher != "RC4_128", "short keys")
	}
	return words
}

// datedSuites is what the guideline says, without a warning: RFC 9325 forbids none
// of them.
func datedSuites(j *Judged) *Finding {
	all := j.suitesOf(datedSuite)
	if len(all) == 0 || j.Purpose == Relay || oldOnly(j) != nil {
		return nil
	}
	insufficient := slices.DeleteFunc(slices.Clone(all), func(n uint16) bool { return OfSuite(n) != Insufficient })
	static := slices.DeleteFunc(slices.Clone(all), func(n uint16) bool {
		s, _ := registry.SuiteOf(n)
		return s.ForwardSecret()
	})
	f := &Finding{
		ID: DatedSuites, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §4.2, " + Edition,
		Title:       counted(len(all), "dated cipher suite") + " can be agreed",
		Explanation: fmt.Sprintf("By %s: %s.", Edition, gradeWords(len(insufficient), len(all)-len(insufficient))),
		Advice:      "Keep ECDHE with AES-GCM or ChaCha20-Poly1305 when no old client needs the others",
		Evidence:    j.chose(all),
	}
	if len(static) > 0 {
		f.Explanation += fmt.Sprintf(" Without forward secrecy: %s; who gets the server's key can read what was recorded.",
			some(suiteNames(static), 2))
	}
	return f
}

// gradeWords count what the guideline does not want.
func gradeWords(insufficient, phaseOut int) string {
	switch {
	case phaseOut == 0:
		return fmt.Sprintf("%d insufficient", insufficient)
	case insufficient == 0:
		return fmt.Sprintf("%d to be phased out", phaseOut)
	}
	return fmt.Sprintf("%d insufficient and %d to be phased out", insufficient, phaseOut)
}

// opportunistic is what of a receiving server would be wrong elsewhere.
func opportunistic(j *Judged) *Finding {
	if j.Purpose != Relay {
		return nil
	}
	old := slices.DeleteFunc(spokenVersions(j.Report), func(n uint16) bool { return n >= tlsscan.TLS12 })
	suites := append(j.suitesOf(brokenSuite), j.suitesOf(datedSuite)...)
	var what []string
	if len(old) > 0 {
		what = append(what, versionWords(old))
	}
	if len(suites) > 0 {
		what = append(what, counted(len(suites), "old cipher suite"))
	}
	if slices.ContainsFunc(suites, isAnonymous) {
		what[len(what)-1] += ", some of them without a certificate"
	}
	if len(what) == 0 {
		return nil
	}
	return &Finding{
		ID: Opportunistic, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 7435 §3, RFC 9325 §5.2",
		Title: "It takes old TLS too, which is right on port 25",
		Explanation: fmt.Sprintf("It agrees to %s. A sender that has nothing better would send in the clear without them; "+
			"senders that have better agree on that.", join(what)),
		Evidence: append(j.spoke(old), j.chose(suites)...),
	}
}

func isAnonymous(n uint16) bool {
	s, _ := registry.SuiteOf(n)
	return s.Authentication == "anon"
}

// smallPrime: RFC 9325 §4.5 wants 2048 bits; below 1024 clients refuse on every
// port (RFC 7919 §3.1).
func smallPrime(j *Judged) *Finding {
	least := 0
	for _, v := range j.Report.Versions {
		for _, s := range v.Suites {
			if s.DHBits > 0 && (least == 0 || s.DHBits < least) {
				least = s.DHBits
			}
		}
	}
	if least == 0 || least >= 2048 {
		return nil
	}
	severity, stops := diagnosis.Warning, j.stops(ReasonPrime)
	if j.Purpose == Relay && least >= 1024 && stops == "" {
		severity = diagnosis.Info
	}
	return &Finding{
		ID: SmallPrime, Severity: severity, Owner: diagnosis.OwnerServer, Reference: "RFC 9325 §4.5, RFC 7919 §3.1",
		Title: fmt.Sprintf("A Diffie-Hellman prime of %d bits", least),
		Explanation: "2048 bits are the least that is recommended. Some clients end the handshake when they see less, " +
			"even if they know other suites." + stops,
		Advice:   "Use a group of RFC 7919 with 2048 bits or more (Postfix 3.1 and later do so by default), or ECDHE alone",
		Evidence: j.evidence(func(c tlsscan.Connection) bool { return c.Choice.DHBits == least }),
	}
}

// shortKey: RFC 9325 §4.5 wants 2048 bits of RSA.
func shortKey(j *Judged) *Finding {
	for _, c := range j.Report.Certificates {
		if OfKey(c.Key) != Insufficient {
			continue
		}
		return &Finding{
			ID: ShortKey, Severity: j.on(diagnosis.Warning, diagnosis.Info), Owner: diagnosis.OwnerServer,
			Title:       "The certificate's key is too weak: " + c.Key,
			Explanation: "RSA keys need 2048 bits at least; curves 256. Many clients refuse less." + j.stops(ReasonKey),
			Advice:      "Get a certificate with a new key: ECDSA P-256, or RSA with 3072 bits",
			Reference:   "RFC 9325 §4.5",
			Evidence:    j.evidence(func(n tlsscan.Connection) bool { return n.Choice.Certificate == c.SHA256 }),
		}
	}
	return nil
}

func oldRenegotiation(j *Judged) *Finding {
	if j.Report.SecureRenegotiation != tlsscan.No {
		return nil
	}
	return &Finding{
		ID: OldRenegotiation, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer,
		Reference: "RFC 5746 §3.6, RFC 9325 §3.5",
		Title:     "Secure renegotiation is missing",
		Explanation: "The server did not answer the extension of RFC 5746. Clients with OpenSSL 3 end the handshake " +
			"in TLS 1.2 and older (“unsafe legacy renegotiation disabled”)." + j.stops(ReasonRenegotiation),
		Advice: "Update the server's TLS library",
	}
}

func nameNeeded(j *Judged) *Finding {
	n := j.Report.WithoutSNI
	if n.Agreed != tlsscan.No {
		return nil
	}
	f := &Finding{
		ID: NameNeeded, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Reference: "RFC 6066 §3",
		Title:       "Clients that name no host (SNI) are refused",
		Explanation: "The same handshake with a name went on. Devices and old clients send none.",
		Advice:      "Give the server a certificate to use when no name comes",
		Evidence:    j.evidence(func(c tlsscan.Connection) bool { return c.Asks == tlsscan.AskNoSNI }),
	}
	if j.Purpose == Relay {
		f.Explanation = "The same handshake with a name went on. Many sending servers name none."
	}
	f.Explanation += j.stops(ReasonNoName)
	return f
}

func compression(j *Judged) *Finding {
	if j.Report.Compression != tlsscan.Yes {
		return nil
	}
	return &Finding{
		ID: Compression, Severity: j.on(diagnosis.Warning, diagnosis.Info), Owner: diagnosis.OwnerServer,
		Title: "TLS compression can be agreed", Reference: "RFC 9325 §3.3",
		Explanation: "The length of what is compressed gives away what is inside (CRIME).",
		Advice:      "Switch TLS compression off, or update the server's TLS library",
		Evidence:    j.evidence(func(c tlsscan.Connection) bool { return c.Asks == tlsscan.AskOrder }),
	}
}

// oldSignatures in the key exchange: RFC 9155 §4 forbids them in TLS 1.2.
func oldSignatures(j *Judged) *Finding {
	var names []string
	var all []uint16
	for _, s := range j.Report.Schemes {
		if OfScheme(s) == Insufficient {
			names, all = append(names, registry.SchemeName(s)), append(all, s)
		}
	}
	if len(all) == 0 || j.Purpose == Relay {
		return nil
	}
	return &Finding{
		ID: OldSignatures, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 9155 §4, " + Edition,
		Title:       "The server signs with SHA-1 or MD5 for clients that ask for it",
		Explanation: fmt.Sprintf("In TLS 1.2 it signed its key exchange with %s.", join(names)),
		Advice:      "Leave SHA-1 and MD5 out of the signature algorithms (OpenSSL: SignatureAlgorithms)",
		Evidence:    j.evidence(func(c tlsscan.Connection) bool { return slices.Contains(all, c.Choice.Scheme) }),
	}
}

func weakGroups(j *Judged) *Finding {
	var names []string
	var all []uint16
	for _, v := range j.Report.Versions {
		for _, g := range v.Groups {
			row, known := registry.GroupOf(g)
			if known && row.Kind == registry.GroupCurve && OfGroup(g) == Insufficient && !slices.Contains(all, g) {
				names, all = append(names, row.Name), append(all, g)
			}
		}
	}
	if len(all) == 0 || j.Purpose == Relay {
		return nil
	}
	return &Finding{
		ID: WeakGroups, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 8422 §5.1.1, " + Edition,
		Title:       "Curves that are not recommended can be agreed",
		Explanation: fmt.Sprintf("The server takes %s.", some(names, 4)),
		Advice:      "Keep X25519, P-256 and P-384, and the hybrid groups with ML-KEM",
		Evidence:    j.evidence(func(c tlsscan.Connection) bool { return slices.Contains(all, c.Choice.Group) }),
	}
}

func noEMS(j *Judged) *Finding {
	v := j.Report.Version(tlsscan.TLS12)
	if j.Report.ExtendedMasterSecret != tlsscan.No || v == nil || v.Offered != tlsscan.Yes {
		return nil
	}
	return &Finding{
		ID: NoEMS, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: "RFC 7627 §5.2, RFC 9325 §3.5",
		Title:       "TLS 1.2 goes without extended master secret",
		Explanation: "Clients in FIPS mode refuse such a server.",
		Advice:      "Update the server's TLS library",
	}
}

// clientOrder matters where a client that prefers it got a worse suite than both
// have.
func clientOrder(j *Judged) *Finding {
	v := j.Report.Version(tlsscan.TLS12)
	if v == nil || v.Order != tlsscan.OrderClient || j.Purpose == Relay || len(v.Suites) == 0 {
		return nil
	}
	best := OfSuite(v.Suites[0].Number)
	weak := slices.IndexFunc(v.Suites, func(x tlsscan.Suite) bool { return worse(best, OfSuite(x.Number)) != best })
	if weak < 0 {
		return nil
	}
	return &Finding{
		ID: ClientOrder, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Reference: Edition,
		Title: "The client's order of suites decides",
		Explanation: fmt.Sprintf("A client that puts %s first gets it, though both have better.",
			registry.SuiteName(v.Suites[weak].Number)),
		Advice: "Let the server's order decide (Postfix: tls_preempt_cipherlist = yes)",
		Evidence: j.evidence(func(c tlsscan.Connection) bool {
			return c.Asks == tlsscan.AskOrder && c.Choice.Version == tlsscan.TLS12
		}),
	}
}

// counted is a number of things: "1 cipher suite", "3 cipher suites".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
