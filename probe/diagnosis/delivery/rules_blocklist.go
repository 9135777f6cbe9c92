package delivery

import (
	"fmt"
	"strings"

	"smtptest/probe/blocklist"
	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
)

// blockLists tells what the lists say that the operator has named. They are about
// who sends; what is asked about are the addresses that receive.
func blockLists(r *domain.Report) (out []Finding) {
	var mute []string
	for i := range r.BlockLists {
		l := &r.BlockLists[i]
		if len(l.Listings) > 0 {
			out = append(out, listed(l))
		}
		if why := unchecked(l); why != "" {
			mute = append(mute, l.Zone+": "+why+".")
		}
	}
	if len(mute) == 0 {
		return out
	}
	return append(out, Finding{
		ID: BlockListMute, Severity: diagnosis.Info, Owner: OwnerOperator,
		Title:       "What a block list says cannot be told from here",
		Explanation: strings.Join(mute, " "),
		Advice:      "Ask through a name server of your own, or leave the list out",
		Reference:   "RFC 5782 §5",
	})
}

func listed(l *blocklist.List) Finding {
	var all []string
	for _, one := range l.Listings[:min(len(l.Listings), maxNamed)] {
		var codes []string
		for _, code := range one.Codes {
			codes = append(codes, code.String())
		}
		text := fmt.Sprintf("%s (%s)", one.IP, strings.Join(codes, ", "))
		if one.Reason != "" {
			text += ": “" + one.Reason + "”"
		}
		all = append(all, text)
	}
	text := l.Zone + " lists " + strings.Join(all, "; ")
	if more := len(l.Listings) - len(all); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return Finding{
		ID: BlockListed, Severity: diagnosis.Warning, Owner: OwnerServer,
		Title: "The address of a mail server is on a block list",
		Explanation: text + ". This is the address that receives mail. It matters if the machine sends mail too, as many " +
			"do: whoever uses the list may refuse it.",
		Advice:    "If this machine sends mail, look up the reason at the list and have the address removed there",
		Reference: "RFC 5782 §2.1",
	}
}

// unchecked says why a list says nothing about some address, empty: it does
// about all.
func unchecked(l *blocklist.List) string {
	if l.Code.IsValid() {
		return "it answers with " + l.Code.String() + ", which is an error and no listing" + errorWords(l)
	}
	four, six := checkWords(l.IP4), checkWords(l.IP6)
	switch {
	case l.IP6 == blocklist.NoPoint && l.IP4 == blocklist.Good: // many lists have IPv4 alone
		return ""
	case four != "" && (four == six || l.IP6 == ""), six == "" && four != "":
		return four
	case six != "":
		return "for IPv6, " + six
	case l.Unanswered > 0:
		return fmt.Sprintf("it gave no answer about %d of %d addresses", l.Unanswered, l.Unanswered+l.Asked)
	}
	return ""
}

func checkWords(c blocklist.Check) string {
	switch c {
	case blocklist.NoPoint:
		return "it does not list its own test address 127.0.0.2, so that it says nothing about others"
	case blocklist.ListsAll:
		return "it lists 127.0.0.1 too, so that it may list everything"
	case blocklist.Silent:
		return "it gives no answer of a block list about its own test address 127.0.0.2"
	}
	return ""
}

// errorWords say what an error of a list means; the numbers are those of
// Spamhaus, which others have taken over.
func errorWords(l *blocklist.List) string {
	switch l.Code.String() {
	case "127.255.255.252":
		return " (the name of the zone is wrong)"
	case "127.255.255.254":
		return " (it answers no public name server)"
	case "127.255.255.255":
		return " (too many questions)"
	}
	return ""
}
