package vantages

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"smtptest/probe/diagnosis"
)

func cutOff(v *view, at []int) Finding {
	return Finding{
		Severity: diagnosis.Warning, Owner: diagnosis.OwnerOperator, At: v.labels(at), Confidence: diagnosis.Certain,
		Title: "No way out " + v.from(at),
		Explanation: fmt.Sprintf("Nothing at all can be reached from %s, so it says nothing about the server.",
			v.names(at)),
		Advice: fmt.Sprintf("Check %s and its firewall.", v.networks(at)), Reference: "RFC 1122 §3.3.1",
	}
}

func blocked(v *view, at []int) Finding {
	return Finding{
		Severity: diagnosis.Warning, Owner: diagnosis.OwnerNetwork, At: v.labels(at), Confidence: diagnosis.Certain,
		Title: upper(v.networks(at)) + verb(at, " blocks", " block") + " the port",
		Explanation: fmt.Sprintf("From there well-known mail hosts cannot be reached on this port either, and a web server "+
			"can. From %s the server works, so it is not the server.", v.names(v.working())),
		Advice:    "Ask whoever runs that network, or its cloud provider, to open the outgoing port.",
		Reference: "RFC 5068",
	}
}

func noRoute(v *view, at []int) Finding {
	return Finding{
		Severity: diagnosis.Info, Owner: diagnosis.OwnerOperator, At: v.labels(at), Confidence: diagnosis.Certain,
		Title:       "No IPv6 " + v.from(at),
		Explanation: "There is no route to the server's IPv6 address there, which says nothing about the server.",
		Reference:   "RFC 8305 §1",
	}
}

func nameMissing(v *view, at []int) Finding {
	return Finding{
		Owner: diagnosis.OwnerNetwork, At: v.labels(at),
		Title: "DNS has no address for the name " + v.from(at),
		Explanation: fmt.Sprintf("%s From %s the name has an address. The resolver there is out of date or filters, or the "+
			"zone has just changed.", sentence(v.said(at)), v.names(v.working())),
		Advice:    "Compare the answer of the name server there with that of the domain's own name servers.",
		Reference: "RFC 1034 §3.7",
	}
}

func stripped(v *view, at []int) Finding {
	return Finding{
		Owner: diagnosis.OwnerNetwork, At: v.labels(at),
		Title: "STARTTLS is missing " + v.from(at),
		Explanation: fmt.Sprintf("The same address offers it to the other places. "+
			"Something on the way from %s takes it out, as some firewalls do, or the server treats that network differently.",
			v.names(at)),
		Advice:    "Switch off the inspection of SMTP in the firewall there, or use port 465, whose TLS nobody can take out.",
		Reference: "RFC 8314 §3",
	}
}

func otherFamily(v *view, at []int) Finding {
	version, other := "IPv4", "IPv6"
	if six(v.address(at[0])) {
		version, other = other, version
	}
	return Finding{
		Owner: diagnosis.OwnerServer,
		Title: fmt.Sprintf("It fails over %s and works over %s", version, other),
		Explanation: fmt.Sprintf("%s %s used %s; those that work used %s. So it is the IP version rather than the place.",
			sentence(v.said(at)), v.names(at), version, other),
		Advice:    fmt.Sprintf("Mend the server's %s, or take that address out of DNS.", version),
		Reference: "RFC 5321 §5.1",
	}
}

func otherAddress(v *view, at []int) Finding {
	return Finding{
		Owner: diagnosis.OwnerServer,
		Title: fmt.Sprintf("It fails at %s", v.addresses(at)),
		Explanation: fmt.Sprintf("%s DNS gave %s another address than those that work, which used %s. "+
			"So it is probably that server rather than the place.",
			sentence(v.said(at)), v.names(at), v.addresses(v.working())),
		Advice:    "Test that address from a place that works; if it fails there too, mend it or take it out of DNS.",
		Reference: "RFC 5321 §5.1",
	}
}

func otherCertificate(v *view, at []int) Finding {
	return Finding{
		Owner: diagnosis.OwnerNetwork, At: v.labels(at),
		Title: "Another certificate " + v.from(at),
		Explanation: fmt.Sprintf("The same address shows %s a certificate that it shows to no other place. "+
			"Something on the way may answer in the server's place.", v.names(at)),
		Advice:    "Send no login from there before you know whose certificate that is.",
		Reference: "RFC 8446 §4.4.2",
	}
}

func deferred(v *view, at []int) Finding {
	return Finding{
		Severity: diagnosis.Warning, Owner: diagnosis.OwnerOperator, At: v.labels(at),
		Title: "The server puts off " + v.names(at),
		Explanation: fmt.Sprintf("%s It asks that address to come back later, and takes the others. "+
			"Servers do so with callers that are new to them or ask often.", sentence(v.said(at))),
		Advice:    "Wait some minutes, and test again from there.",
		Reference: "RFC 5321 §4.2.1",
	}
}

func refused(v *view, at []int) Finding {
	f := Finding{
		Owner: diagnosis.OwnerOperator, At: v.labels(at),
		Title: "The server refuses " + v.names(at),
		Explanation: fmt.Sprintf("%s It takes %s, so what counts is the address that the test comes from: its reputation, "+
			"its name, or a list of the server's.", sentence(v.said(at)), v.names(v.working())),
		Advice:    "Look the address up in block lists, and ask the server's operators to let it in.",
		Reference: "RFC 5321 §7.9",
	}
	if few(v, at) {
		f.Owner, f.At = diagnosis.OwnerServer, nil
	}
	return f
}

// verb is the form that fits so many places.
func verb(at []int, one, many string) string {
	if len(at) == 1 {
		return one
	}
	return many
}

// few reports that most places fail, so that those that work are the exception.
func few(v *view, at []int) bool { return len(at) >= 3 && len(at) > 2*len(v.working()) }

func unreached(v *view, at []int) Finding {
	if few(v, at) {
		return Finding{
			ID: FewReach, Owner: diagnosis.OwnerServer, Confidence: diagnosis.Guess,
			Title: fmt.Sprintf("The server can be reached from %s alone", v.names(v.working())),
			Explanation: fmt.Sprintf("%s From %d other places there is no connection to the same address. "+
				"A firewall in front of the server probably lets in a few networks alone.", sentence(v.said(at[:1])), len(at)),
			Advice:    "Ask the server's operators which networks may connect.",
			Reference: "RFC 5321 §7.9",
		}
	}
	return Finding{
		Owner: diagnosis.OwnerNetwork, At: v.labels(at),
		Title: "The server cannot be reached " + v.from(at),
		Explanation: fmt.Sprintf("%s The same address answers %s. So it is the network there, the way from it, or a "+
			"firewall that does not let that network in.", sentence(v.said(at)), v.names(v.working())),
		Advice:    fmt.Sprintf("Ask whoever runs %s whether it lets this connection out.", v.networks(at)),
		Reference: "RFC 5321 §4.5.4.1",
	}
}

func differs(v *view, at []int) Finding {
	return Finding{
		Owner: diagnosis.OwnerNetwork, At: v.labels(at),
		Title: "It fails " + v.from(at),
		Explanation: fmt.Sprintf("%s From %s it works with the same address, so something on the way, or how the server "+
			"treats that network, makes the difference.", sentence(v.said(at)), v.names(v.working())),
		Advice:    "Compare the transcripts of a place that works and one that fails.",
		Reference: "RFC 5321 §4.2.1",
	}
}

// strippedPlaces are those that work, but without the TLS that others are offered.
func strippedPlaces(v *view) []Finding {
	var at []int
	for _, i := range v.works {
		if v.stripped(i) && v.repeated(i, offersTLS) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil
	}
	f := stripped(v, at)
	f.ID, f.Severity, f.Evidence = StrippedThere, diagnosis.Warning, at
	return []Finding{v.doubted(f, at)}
}

// certificates compares what places that work are shown at one address.
func certificates(v *view) (out []Finding) {
	var fixed, changing []int
	for _, i := range v.works {
		switch {
		case v.places[i].Again != nil && !v.repeated(i, leaf) && leaf(v.places[i].Report) != "":
			changing = append(changing, i)
		case v.oddCertificate(i) && v.repeated(i, leaf):
			fixed = append(fixed, i)
		}
	}
	if len(fixed) > 0 {
		f := otherCertificate(v, fixed)
		f.ID, f.Severity, f.Evidence = OtherCertificate, diagnosis.Warning, fixed
		out = append(out, v.doubted(f, fixed))
	}
	if len(changing) > 0 {
		out = append(out, Finding{
			ID: SeveralCertificates, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Confidence: diagnosis.Certain,
			Title: "The server shows several certificates at one address",
			Explanation: "They change from one connection to the next, so several servers stand behind it. " +
				"This is no difference between places.",
			Reference: "RFC 8446 §4.4.2", Evidence: changing,
		})
	}
	return out
}

// addressesDiffer is worth knowing: large services answer by place.
func addressesDiffer(v *view) []Finding {
	var with []int
	different := false
	for i, p := range v.places {
		if len(answers(p.latest())) == 0 {
			continue
		}
		with = append(with, i)
		different = different || !slices.Equal(answers(p.latest()), answers(v.places[with[0]].latest()))
	}
	if !different {
		return nil
	}
	return []Finding{{
		ID: AddressesDiffer, Severity: diagnosis.Info, Owner: diagnosis.OwnerServer, Confidence: diagnosis.Certain,
		Title: "DNS gives places different addresses",
		Explanation: "The name's addresses are not the same everywhere. Large services do so on purpose; " +
			"after a change it means that some resolvers have the old answer.",
		Reference: "RFC 1034 §3.7", Evidence: with,
	}}
}

// addresses are what places dialled, each once.
func (v *view) addresses(all []int) string {
	const most = 3
	var seen []netip.Addr
	var names []string
	for _, i := range all {
		if a := v.address(i).Addr(); a.IsValid() && !slices.Contains(seen, a) {
			seen, names = append(seen, a), append(names, a.String())
		}
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + and(more)
	}
	return strings.Join(names, ", ")
}
