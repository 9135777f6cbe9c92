package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Changed says what differs between two tests of one target, in one sentence:
// the verdict and the facts that people read first. Nothing of the server's
// words is in it.
func Changed(before, after diagnosis.Judged) string {
	changes := changesOf(before, after)
	if len(changes) == 0 {
		return say(NoteUnchanged)
	}
	return say(NoteChanged, Value{"changes", strings.Join(changes, "; ")})
}

func changesOf(before, after diagnosis.Judged) []string {
	var out []string
	note := func(name, b, a string) {
		if b != a && b != "" && a != "" {
			out = append(out, fmt.Sprintf("%s was “%s”", name, b))
		}
	}
	note("the verdict", VerdictWords(before), VerdictWords(after))
	bs, as := before.Report.Main(), after.Report.Main()
	if bs == nil || as == nil {
		return out
	}
	if bs.Source.IsValid() && as.Source.IsValid() {
		note("the address", bs.Address.Addr().String(), as.Address.Addr().String())
	}
	note("TLS", versionOf(bs), versionOf(as))
	if b, a := leafOf(bs), leafOf(as); b != a && b != "" && a != "" {
		out = append(out, "the certificate is another one")
	}
	if n, m := countCapabilities(bs), countCapabilities(as); n != m && n > 0 && m > 0 {
		out = append(out, fmt.Sprintf("the number of capabilities was %d", n))
	}
	return out
}

func versionOf(s *probe.Session) string {
	if s.TLS == nil || !s.TLS.Complete {
		return ""
	}
	return s.TLS.Version
}

func leafOf(s *probe.Session) string {
	if s.TLS == nil || len(s.TLS.Chain) == 0 {
		return ""
	}
	return s.TLS.Chain[0].SHA256
}

func countCapabilities(s *probe.Session) int {
	if s.Hello() == nil {
		return 0
	}
	return len(s.Hello().Capabilities)
}
