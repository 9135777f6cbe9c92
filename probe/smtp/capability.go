package smtp

import "strings"

// Capability is one line of the server's answer to EHLO: a service
// extension (RFC 5321 §2.2, §4.1.1.1).
type Capability struct {
	Keyword string   // as the server spelled it, up to the first space or "="
	Params  []string // in order, as spelled
	Equals  bool     // the keyword was followed by "=", as in the old "AUTH=LOGIN" form
	Line    string   // the whole line as sent, made printable
}

// Name is the keyword in upper case: keywords are compared without case
// (RFC 5321 §2.4, §4.1.1.1).
func (c Capability) Name() string { return strings.ToUpper(c.Keyword) }

// Capabilities are the extensions that one EHLO reply lists, in its order.
type Capabilities []Capability

// ParseCapabilities reads the extensions from a positive reply to EHLO. The
// first line holds the server's name and is passed over.
func ParseCapabilities(r *Reply) Capabilities {
	if len(r.Lines) < 2 {
		return nil
	}
	caps := make(Capabilities, 0, len(r.Lines)-1)
	for _, l := range r.Lines[1:] {
		if c, ok := ParseCapability(l.Text); ok {
			caps = append(caps, c)
		}
	}
	return caps
}

// ParseCapability reads one line of an EHLO reply, without its code. ok is
// false for a line that holds no keyword.
func ParseCapability(line string) (c Capability, ok bool) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Capability{}, false
	}
	c = Capability{Keyword: words[0], Params: words[1:], Line: line}
	// "AUTH=LOGIN PLAIN" is the form for clients of the 1990s; the rest of
	// the world writes a space (RFC 4954 §3).
	if key, first, found := strings.Cut(words[0], "="); found && key != "" {
		c.Keyword, c.Equals = key, true
		c.Params = append([]string{first}, words[1:]...)
	}
	return c, true
}

// Get is the first capability with this keyword, compared without case.
func (cs Capabilities) Get(keyword string) (Capability, bool) {
	for _, c := range cs {
		if strings.EqualFold(c.Keyword, keyword) {
			return c, true
		}
	}
	return Capability{}, false
}

// Has reports whether the keyword is listed, compared without case.
func (cs Capabilities) Has(keyword string) bool {
	_, ok := cs.Get(keyword)
	return ok
}

// Mechanisms are the SASL mechanisms that the list offers, in upper case and
// in order, each once: those behind AUTH and behind the old AUTH= form
// (RFC 4954 §3).
func (cs Capabilities) Mechanisms() []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range cs {
		if c.Name() != "AUTH" {
			continue
		}
		for _, m := range c.Params {
			m = strings.ToUpper(m)
			if m != "" && !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	}
	return out
}
