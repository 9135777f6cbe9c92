package formatting

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// LongestInChat is the longest time that a test may be given in a chat.
const LongestInChat = 60 * time.Second

// advice is what a finding advises where it is read: its own sentence, and how
// the next test is asked for there.
func advice(f diagnosis.Finding, where Platform) string {
	return strings.TrimSpace(f.Advice + " " + strings.Join(fixWords(f.Fix, where), " "))
}

// change is one change of a request: what it is for, and the option that
// makes it.
type change struct {
	purpose string // "with STARTTLS"
	option  string // its name, without dashes
	value   string // empty: the option is left out
}

// changes are what a fix changes by options. A target is no option: the advice
// beside the fix names it, unless it goes with an address.
func changes(f diagnosis.Fix, where Platform) []change {
	var all []change
	add := func(wanted bool, c change) {
		if wanted {
			all = append(all, c)
		}
	}
	add(f.Security != "", change{"with " + map[probe.Security]string{
		probe.SecurityAuto: "STARTTLS if it is offered", probe.SecuritySTARTTLS: "STARTTLS",
		probe.SecurityImplicit: "implicit TLS", probe.SecurityNone: "no TLS",
	}[f.Security], "tls", string(f.Security)})
	add(f.Family != probe.FamilyAny, change{fmt.Sprintf("over IPv%d only", f.Family), "ip", fmt.Sprint(int(f.Family))})
	add(f.AnyFamily, change{"over any IP version", "ip", ""})
	add(f.EHLOName, change{"with another name in EHLO", "ehlo", "NAME"})
	at := "this address"
	if f.Target.Host != "" {
		at = f.Target.String() + " at this address"
	}
	add(f.At.IsValid(), change{at, "at", f.At.String()})
	add(f.LongerThan > 0 && (where == Terminal || f.LongerThan < LongestInChat),
		change{"for longer than " + probe.Duration(f.LongerThan), "timeout", "TIME"})
	return all
}

// fixWords say how the next test is asked for where they are read, a sentence
// for each change.
func fixWords(f diagnosis.Fix, where Platform) []string {
	var all []string
	for _, c := range changes(f, where) {
		all = append(all, "To test "+c.purpose+", "+c.how(where)+".")
	}
	if f.TrustRoots {
		all = append(all, trustWords(where))
	}
	return all
}

// how names the option as the platform shows it: Discord has a field for each.
func (c change) how(where Platform) string {
	switch {
	case where == Discord && c.value == "":
		return "leave the option " + c.option + " out"
	case where == Discord:
		return "set the option " + c.option + ": " + c.value
	case c.value == "":
		return "leave --" + c.option + " out"
	case where == Terminal:
		return "add --" + c.option + " " + c.value
	}
	return "add --" + c.option + " " + c.value + " to the command"
}

// trustWords say how a private authority is trusted: in a chat only the
// operator can have that done.
func trustWords(where Platform) string {
	if where == Terminal {
		return "If its authority is a private one, add --ca FILE with the root to trust it in this test."
	}
	return "If its authority is a private one, ask the operator of this bot to trust its root."
}

// typedOption is an option as it is typed, with its value where there are few.
var typedOption = regexp.MustCompile(`--([a-z]+)(?: (auto|starttls|implicit|none|4|6)\b)?`)

// optionsAt writes the options of a text, which are those of a command, as the
// place shows them where it is read.
func optionsAt(text string, where Platform) string {
	if where != Discord {
		return text
	}
	return typedOption.ReplaceAllStringFunc(text, func(option string) string {
		m := typedOption.FindStringSubmatch(option)
		if m[2] == "" {
			return "the option " + m[1]
		}
		return "the option " + m[1] + ": " + m[2]
	})
}
