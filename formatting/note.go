package formatting

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// The ids of notes, labels and the texts of forms.
const (
	NoteRunning     TextID = "note.running"
	NoteUnderstood  TextID = "note.understood"
	NoteTimeline    TextID = "note.timeline"
	NoteDomain      TextID = "note.domain"
	NoteAgain       TextID = "note.again"
	NoteVariant     TextID = "note.variant"
	NoteUnchanged   TextID = "note.unchanged"
	NoteChanged     TextID = "note.changed"
	NoteScanning    TextID = "note.scanning"
	NoteDeep        TextID = "note.deep"
	NoteScanned     TextID = "note.scanned"
	LabelDeep       TextID = "label.deep"
	NoteReused      TextID = "note.reused"
	NoteNotCompared TextID = "note.not-compared"
	NoteShared      TextID = "note.shared"
	NoteFileSeen    TextID = "note.file-seen"
	NoteTesting     TextID = "note.testing"
	NoteProfiles    TextID = "note.profiles"
	NoteRecent      TextID = "note.recent"
	NoteNoneRecent  TextID = "note.none-recent"
	LabelAgain      TextID = "label.again"
	LabelState      TextID = "label.state"
	LabelLogin      TextID = "label.login"
	LabelMore       TextID = "label.more"
	LabelShare      TextID = "label.share"
	LabelTranscript TextID = "label.transcript"
	LabelJSON       TextID = "label.json"
	LabelCommands   TextID = "label.commands"
	LabelTicket     TextID = "label.ticket"
	LabelBefore     TextID = "label.before"
	LabelWatch      TextID = "label.watch"
	LabelStop       TextID = "label.stop"
	LabelReopen     TextID = "label.reopen"
	LabelTarget     TextID = "label.target"
	LabelRunning    TextID = "label.running"
	LabelChoose     TextID = "label.choose"
	LabelRecent     TextID = "label.recent"
	LabelExplain    TextID = "label.explain"
	LabelFind       TextID = "label.find"
	LabelShareText  TextID = "label.share-text"
	FormText        TextID = "form.text"
	FormTextSubmit  TextID = "form.text-submit"
	FormTextNotice  TextID = "form.text-notice"
	LabelFrom       TextID = "label.from"
	LabelFromAll    TextID = "label.from-all"
	LabelFromHere   TextID = "label.from-here"
	LabelFromPlace  TextID = "label.from-place"
	LabelPlace      TextID = "label.place"
	NoteAskedAgain  TextID = "note.asked-again"
	LabelPort       TextID = "label.port"
	LabelImplicit   TextID = "label.implicit"
	LabelSTARTTLS   TextID = "label.starttls"
	LabelFamily     TextID = "label.family"
	LabelEHLO       TextID = "label.ehlo"
	LabelServer     TextID = "label.server"
	LabelTimeline   TextID = "label.timeline"
	LabelDomain     TextID = "label.domain"
	LabelExchanger  TextID = "label.exchanger"
	FormTitle       TextID = "form.title"
	FormSubmit      TextID = "form.submit"
	FormCancel      TextID = "form.cancel"
	FormClose       TextID = "form.close"
	FormNotice      TextID = "form.notice"
	FormHidden      TextID = "form.hidden"
	FormMeanwhile   TextID = "form.meanwhile"
	FormTestTitle   TextID = "form.test-title"
	FormTestSubmit  TextID = "form.test-submit"
	FormPress       TextID = "form.press"
	FormWhole       TextID = "form.whole"
	FormWholeDirect TextID = "form.whole-direct"
)

// noteTexts are notes beside a verdict, the labels of what can be done next,
// and the words of forms.
var noteTexts = map[TextID]text{
	NoteRunning: {"{security} · gives up after {timeout}", "", ""},
	NoteAgain:   {"The same test once more.", "", ""},
	NoteVariant: {"Changed from the test before: {change}.", "", ""},
	NoteTimeline: {
		"One line for the timeline of the incident. Its times are those of tests by this bot here; between them nothing " +
			"was seen.",
		"", ""},
	NoteDomain:     {"All mail servers of a domain, and what senders would do: {command}", "", ""},
	NoteUnderstood: {"Understood: the mail domain {domain}, with all of its mail servers.", "", ""},
	NoteUnchanged:  {"Nothing has changed since the test before.", "", ""},
	NoteChanged:    {"Since the test before: {changes}.", "", ""},
	NoteReused: {"The comparisons are from a test {ago} before: they are made once a minute for a server.",
		"", ""},
	NoteNotCompared: {"Nothing was compared this time: that is done once a minute for a server.", "", ""},
	NoteFileSeen:    {"Everybody who sees this thread can open this file.", "", ""},
	NoteShared:      {"Shared from a private test; the evidence stays with the person who ran it.", "", ""},
	NoteTesting:     {"Testing", "", ""},

	NoteRecent:     {"Your tests of the last hour", "", ""},
	NoteNoneRecent: {"None. Results are kept for an hour at most, and not over a restart of the bot.", "", ""},

	NoteProfiles: {"Profiles that you may use", "", ""},

	NoteScanning: {"Scanning TLS", "", ""},
	NoteDeep:     {"Add --deep to see what TLS the server would take.", "", ""},
	NoteScanned: {
		"Scanned {ago} ago: an address is scanned once in {window}. The next scan is possible in {wait}.", "", "",
	},

	LabelDeep:       {"Deep TLS scan", "", ""},
	LabelState:      {"Still running?", "", ""},
	LabelAgain:      {"Run again", "", ""},
	LabelLogin:      {"Test a login…", "", ""},
	LabelMore:       {"More…", "", ""},
	LabelShare:      {"Share the verdict", "", ""},
	LabelTranscript: {"Transcript as a file", "", ""},
	LabelJSON:       {"Result as JSON", "", ""},
	LabelCommands:   {"The same with other tools", "", ""},
	LabelTicket:     {"Text for the server's operators", "", ""},
	LabelBefore:     {"The test before", "", ""},
	LabelWatch:      {"Watch until it works", "", ""},
	LabelStop:       {"Stop watching", "", ""},
	LabelTarget:     {"HOST:PORT, or: {others}", "", ""},
	LabelReopen:     {"Try again", "", ""},
	LabelRunning:    {"The test that runs", "", ""},
	LabelRecent:     {"tested lately", "", ""},
	LabelExplain:    {"Explain this", "", ""},
	LabelFind:       {"Test SMTP hosts in this message", "", ""},
	LabelShareText:  {"Share this explanation", "", ""},
	LabelChoose:     {"Test one of them", "", ""},
	LabelFrom:       {"Try from…", "", ""},
	LabelFromAll:    {"From all places", "", ""},
	LabelFromHere:   {"From here", "", ""},
	LabelFromPlace:  {"From {place}", "", ""},
	LabelPlace:      {"Evidence from {place}", "", ""},
	NoteAskedAgain:  {"What differs is asked again; this may change.", "", ""},
	LabelPort:       {"Try port {port}", "", ""},
	LabelImplicit:   {"Try implicit TLS", "", ""},
	LabelSTARTTLS:   {"Try STARTTLS", "", ""},
	LabelFamily:     {"Try IPv{family} only", "", ""},
	LabelEHLO:       {"Try our address as the EHLO name", "", ""},
	LabelServer:     {"Test {target} now", "", ""},
	LabelTimeline:   {"Copy for the timeline", "", ""},
	LabelDomain:     {"Check the domain", "", ""},
	LabelExchanger:  {"Test its mail server on 25", "", ""},

	FormTitle:  {"Test a login", "", ""},
	FormSubmit: {"Test login", "", ""},
	FormCancel: {"Cancel", "", ""},
	FormClose:  {"Close", "", ""},
	FormNotice: {
		"{platform} shows what you type. It is used once, over TLS only, and neither kept nor logged. Use a test account.",
		"", ""},
	FormMeanwhile:   {"The whole answer comes into the channel, for you alone. This window can be closed.", "", ""},
	FormTestTitle:   {"Test an SMTP server", "", ""},
	FormTestSubmit:  {"Test", "", ""},
	FormPress:       {"The form for the login opens from this button.", "", ""},
	FormWhole:       {"The whole answer is in the channel, for you alone.", "", ""},
	FormWholeDirect: {"The whole answer is in a direct message from this bot to you.", "", ""},
	FormText:        {"Explain a text", "", ""},
	FormTextSubmit:  {"Explain", "", ""},
	FormTextNotice: {
		"What you paste, and addresses in it, is shown to nobody. It stays in memory for an hour at most, so that you can " +
			"share its explanation.",
		"", ""},
	FormHidden: {"The password is not shown. It is used once, over TLS only, and neither kept nor logged.", "", ""},
}

func subject(id TextID) string {
	before, _, _ := strings.Cut(string(id), ".")
	return before
}

// say is the one sentence of a note or a label.
func say(id TextID, values ...Value) string { return Say(id, values...).What }

// Testing is the message of a test that has begun: what is tested, and how
// long it may take.
func Testing(r probe.Request) Message {
	return Message{
		Tone: ToneWaiting, Verdict: say(NoteTesting), Target: r.Target.String(),
		Fact: say(NoteRunning, Value{"security", askedSecurity(r)}, Value{"timeout", probe.Duration(timeout(r))}),
	}
}

// timeout is how long a test may take.
func timeout(r probe.Request) time.Duration {
	if r.Timeout <= 0 {
		return probe.DefaultTimeout
	}
	return r.Timeout
}

// Change says in what a request differs from the one before.
func Change(before, after probe.Request) string {
	var parts []string
	if before.Target.Host != after.Target.Host {
		parts = append(parts, fmt.Sprintf("host %s instead of %s", after.Target.Host, before.Target.Host))
	}
	if before.Target.Port != after.Target.Port {
		parts = append(parts, fmt.Sprintf("port %d instead of %d", after.Target.Port, before.Target.Port))
	}
	if b, a := askedSecurity(before), askedSecurity(after); b != a {
		parts = append(parts, a+" instead of "+b)
	}
	if before.Family != after.Family && after.Family != probe.FamilyAny {
		parts = append(parts, fmt.Sprintf("IPv%d only", after.Family))
	}
	if before.EHLOName != after.EHLOName && after.EHLOName != "" {
		parts = append(parts, "EHLO "+after.EHLOName)
	}
	return strings.Join(parts, ", ")
}

// NextLabel names a variation for a button; empty for none.
func NextLabel(v diagnosis.Variation) string {
	switch {
	case v.Host != "":
		return say(LabelExchanger)
	case v.Port != 0:
		return say(LabelPort, Value{"port", fmt.Sprint(v.Port)})
	case v.Security == probe.SecurityImplicit:
		return say(LabelImplicit)
	case v.Security == probe.SecuritySTARTTLS:
		return say(LabelSTARTTLS)
	case v.Family != probe.FamilyAny:
		return say(LabelFamily, Value{"family", fmt.Sprint(int(v.Family))})
	case v.EHLOName != "":
		return say(LabelEHLO)
	}
	return ""
}
