package formatting

import (
	"fmt"
	"strconv"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// thisNetwork stands where other answers name a server.
const thisNetwork = "this network"

// TestingEgress is the message of an egress test that has begun.
func TestingEgress() Message {
	return Message{
		Tone: ToneWaiting, Verdict: say(NoteTesting), Target: thisNetwork,
		Fact: "Asking well-known hosts on every mail port · takes 5 s at most",
	}
}

// egressTerm is the verdict on the ways out of this network.
type egressTerm struct {
	tone    Tone
	verdict string // {ports} are those that are closed
}

var egressTerms = map[diagnosis.Outcome]egressTerm{
	diagnosis.Working:      {ToneGood, "Every mail port is let out"},
	diagnosis.WithWarnings: {ToneWarning, "Not let out: {ports}"},
	diagnosis.Failed:       {ToneBad, "No mail port is let out"},
	diagnosis.Inconclusive: {ToneUnsure, "This machine has no way out"},
	diagnosis.NotTested:    {ToneRefused, "The control hosts could not be asked"},
}

// EgressFrom is Egress for the network of another place.
func EgressFrom(conns []probe.ControlConn, vantage string) Message {
	m := Egress(conns)
	r := strings.NewReplacer(
		thisNetwork, "the network of "+vantage, "This machine", "The machine at "+vantage,
		"this machine", "the machine there",
	)
	m.Target, m.Verdict, m.Try, m.Owner = r.Replace(m.Target), r.Replace(m.Verdict), r.Replace(m.Try), r.Replace(m.Owner)
	for i, s := range m.Sections {
		if f, ok := s.(Facts); ok {
			f.Title = r.Replace(f.Title)
			for k := range f.Rows {
				f.Rows[k].Value = r.Replace(f.Rows[k].Value)
			}
			m.Sections[i] = f
		}
	}
	return m
}

// Egress words which mail ports this network lets out, and what to try.
func Egress(conns []probe.ControlConn) Message {
	e := diagnosis.Egress(conns)
	term := egressTerms[e.Outcome]
	m := Message{
		Tone: term.tone, Target: thisNetwork,
		Verdict: strings.ReplaceAll(term.verdict, "{ports}", portWords(e.Closed)),
	}
	if len(e.Open) > 0 {
		m.Fact = "Let out: " + portWords(e.Open)
	}
	if len(e.Closed) > 0 || e.Outcome == diagnosis.Inconclusive {
		m.Owner = ownerTerms[diagnosis.OwnerNetwork]
		if rows := egressAdvice(e); len(rows) > 0 {
			m.Try = rows[0].Value
		}
	}
	ports := Facts{Title: "Ways out of this network"}
	for _, o := range diagnosis.Outlets(conns) {
		ports.Rows = append(ports.Rows, Fact{fmt.Sprintf("Port %d", o.Port), outletState(o) + " · " + outletWords(o)})
	}
	m.Sections = append(m.Sections, ports)
	if try := egressAdvice(e); len(try) > 0 {
		m.Sections = append(m.Sections, Facts{Title: "What to try", Rows: try})
	}
	return m
}

func outletState(o diagnosis.Outlet) string {
	switch {
	case o.Open:
		return "let out"
	case diagnosis.NoWayOut(o.Conns):
		return "not let out"
	}
	return "not known"
}

func portWords(ports []uint16) string {
	var words []string
	for _, p := range ports {
		words = append(words, strconv.Itoa(int(p)))
	}
	if len(words) == 1 {
		return "port " + words[0]
	}
	return "ports " + strings.Join(words, ", ")
}

// unblocking are the pages on blocked ports of clouds that block them for new
// accounts, read in November 2026.
var unblocking = []Fact{
	{"Amazon EC2", "https://repost.aws/knowledge-center/ec2-port-25-throttle"},
	{"Azure", "https://learn.microsoft.com/azure/virtual-network/troubleshoot-outbound-smtp-connectivity"},
	{"DigitalOcean", "https://docs.digitalocean.com/support/why-is-smtp-blocked/"},
}

func egressAdvice(e diagnosis.Ways) []Fact {
	switch {
	case e.Outcome == diagnosis.Inconclusive:
		return []Fact{{"Try", "Check this machine's own network and firewall, or test from another place."}}
	case len(e.Closed) == 0:
		return nil
	}
	var rows []Fact
	if relay := e.Relay(); relay != 0 {
		rows = append(rows, Fact{"Now", fmt.Sprintf("Send through a relay on port %d, which is let out.", relay)})
	}
	rows = append(rows, Fact{"To open it", "Ask whoever runs this network, or the cloud provider, to let out " +
		portWords(e.Closed) + "."})
	return append(rows, unblocking...)
}
