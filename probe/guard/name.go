package guard

import (
	"slices"
	"strings"
)

// privateSuffixes end names that public DNS never resolves, so that an answer
// can only be one from inside a network: RFC 6761 and RFC 6762, RFC 8375, RFC
// 7686, ICANN's resolution 2024.07.29.06 for .internal, the names that RFC 6762
// appendix G and ICANN's study of collisions list (home, corp, lan …), and what
// Kubernetes uses. "test" and "example" are not here: they stand in
// documentation and tests, and a network that uses them can be listed.
var privateSuffixes = []string{
	"internal", "local", "localhost", "localdomain", "lan", "corp", "home", "home.arpa", "intranet", "private",
	"invalid", "onion", "cluster.local",
}

// CheckName returns a *Denied when a name must not be looked up, and nil
// otherwise: one without a dot, or under a suffix that is closed. Whether such a
// name exists is nobody's business outside its network. Case and a final dot do
// not count.
func (p Policy) CheckName(host string) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if p.Open || p.namesHost(name) {
		return nil
	}
	closed := !strings.Contains(name, ".")
	for _, suffix := range slices.Concat(privateSuffixes, p.Suffixes) {
		closed = closed || under(name, suffix)
	}
	if closed {
		return &Denied{Rule: RuleName}
	}
	return nil
}

func (p Policy) namesHost(name string) bool {
	return slices.ContainsFunc(p.Names, func(listed string) bool {
		suffix, whole := strings.CutPrefix(listed, ".")
		return listed == name || whole && under(name, suffix)
	})
}

func under(name, suffix string) bool { return name == suffix || strings.HasSuffix(name, "."+suffix) }
