package vantages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// rules are all that can be found, causes before what is worth knowing beside them.
// Those about single places share them out: a place has one cause.
var rules = []func(*view) []Finding{
	onePlace, everywhere, flapping, placesThatDiffer, strippedPlaces, certificates, addressesDiffer,
}

// onePlace says that from one place nothing follows about places.
func onePlace(v *view) []Finding {
	all := slices.Concat(v.works, v.fails, v.flaps)
	if len(all) == 0 && len(v.unsure) == 1 {
		all = v.unsure
	}
	if len(all) != 1 || len(v.places) == 1 || len(v.works)+len(v.flaps) == 1 && v.asked() > 1 {
		return nil
	}
	return []Finding{{
		ID: OnePlace, Severity: diagnosis.Info, Owner: diagnosis.OwnerOperator, Confidence: diagnosis.Certain,
		Title: "Only one place says anything about the server",
		Explanation: fmt.Sprintf("The answer is from %s alone, so it cannot be said whether it is the server or that place.",
			v.names(all)),
		Advice:    "Test again from one more place.",
		Reference: "RFC 5321 §4.5.4.1", Evidence: all,
	}}
}

// everywhere judges what is the same at each of two places or more.
func everywhere(v *view) []Finding {
	blocked := func(i int) bool { return v.found(i, diagnosis.PortBlocked) }
	switch {
	case len(v.flaps) > 0 || v.asked() < 2:
		return nil
	case len(v.works) == v.asked():
		return []Finding{{
			ID: WorksEverywhere, Severity: diagnosis.Info, Owner: diagnosis.OwnerYou, Confidence: diagnosis.Certain,
			Title: "It works from " + v.each(v.works),
			Explanation: "Whoever cannot use the server has the cause on their own side: their network, " +
				"their settings or their login.",
			Advice:    "Compare host, port and TLS setting of the client that fails with this test.",
			Reference: "RFC 8314 §3", Evidence: v.works,
		}}
	case len(v.works) > 0:
		return nil
	case len(v.fails) > 1:
		return failsEverywhere(v, v.fails)
	case len(v.fails) == 0 && !slices.ContainsFunc(v.unsure, func(i int) bool { return !blocked(i) }):
		return blockedEverywhere(v)
	case len(v.fails) == 0:
		return failsEverywhere(v, v.unsure)
	}
	return nil
}

// blockedEverywhere is about the networks: nobody has reached the server.
func blockedEverywhere(v *view) []Finding {
	return []Finding{{
		ID: BlockedEverywhere, Severity: diagnosis.Error, Owner: diagnosis.OwnerNetwork, At: v.labels(v.unsure),
		Confidence: diagnosis.Certain,
		Title:      "No place lets this port out",
		Explanation: fmt.Sprintf("%s block the port: well-known mail hosts cannot be reached on it either. "+
			"Nobody has reached the server, so nothing is known of it.", upper(v.networks(v.unsure))),
		Advice:    "Test from a network that lets the port out.",
		Reference: "RFC 5068", Evidence: v.unsure,
	}}
}

// failsEverywhere tells one cause at the server's side from several. all are those
// that fail, or those that are inconclusive where none fails.
func failsEverywhere(v *view, all []int) []Finding {
	f := Finding{
		ID: SameEverywhere, Severity: diagnosis.Error, Owner: diagnosis.OwnerServer, Confidence: diagnosis.Likely,
		Reference: "RFC 5321 §4.2.1", Evidence: all,
	}
	unlike := func(i int) bool { return v.signature(i) != v.signature(all[0]) }
	if slices.ContainsFunc(all, unlike) {
		f.ID, f.Title = DiffersEverywhere, "It fails from "+v.each(all)+", in different ways"
		f.Explanation = sentence(v.said(all)) + " Nothing works anywhere, so the cause is probably at the server's side."
		f.Advice = "Look at the reports of the places, and begin with the one that came furthest."
		return []Finding{f}
	}
	f.Title = "It fails in the same way from " + v.each(all)
	f.Explanation = sentence(v.title(all[0])) + " So it is not one of the networks."
	if own, ok := cause(v.places[all[0]].latest()); ok {
		if own.Advice != "" {
			f.Advice = sentence(own.Advice)
		}
		f.Reference = own.Reference
		if own.Owner != diagnosis.OwnerNetwork { // which is not the same one at several places
			f.Owner, f.Confidence = own.Owner, own.Confidence
		}
	}
	if n := len(v.unsure); n > 0 && len(v.fails) > 0 {
		f.Explanation += fmt.Sprintf(" From %s nothing is known of it.", v.names(v.unsure))
	}
	return []Finding{f}
}

// flapping is no difference between places.
func flapping(v *view) []Finding {
	if len(v.flaps) == 0 {
		return nil
	}
	return []Finding{{
		ID: Flapping, Severity: diagnosis.Warning, Owner: diagnosis.OwnerServer, Confidence: diagnosis.Guess,
		Title: "It failed and then worked, " + v.from(v.flaps),
		Explanation: fmt.Sprintf("Asked again a moment later, unchanged, it works from %s. So this is no difference between "+
			"places: the server or the way to it fails at times.", v.names(v.flaps)),
		Advice:    "Test again, and look for one bad server behind the name.",
		Reference: "RFC 5321 §4.5.4.1", Evidence: v.flaps,
	}}
}

// differing is what sets a place apart that fails while others work. The first row
// that holds is its cause.
var differing = []struct {
	id    ID
	holds func(*view, int) bool
	words func(*view, []int) Finding
}{
	{CutOffThere, found(diagnosis.MachineCutOff, diagnosis.ConnectLocal), cutOff},
	{BlockedThere, found(diagnosis.PortBlocked), blocked},
	{NoRouteThere, (*view).noRoute, noRoute},
	{NameMissingThere, (*view).nameMissing, nameMissing},
	{StrippedThere, (*view).stripped, stripped},
	{OtherFamily, (*view).otherFamily, otherFamily},
	{OtherAddress, (*view).otherAddress, otherAddress},
	{OtherCertificate, (*view).oddCertificate, otherCertificate},
	{DeferredThere, (*view).deferred, deferred},
	{RefusedThere, (*view).refused, refused},
	{UnreachableThere, (*view).unreached, unreached},
	{DiffersThere, func(*view, int) bool { return true }, differs},
}

func found(ids ...diagnosis.ID) func(*view, int) bool {
	return func(v *view, i int) bool { return v.found(i, ids...) }
}

// placesThatDiffer says of each place that fails, while another works, why.
func placesThatDiffer(v *view) (out []Finding) {
	if len(v.works)+len(v.flaps) == 0 {
		return nil
	}
	causes := map[ID][]int{}
	for _, i := range slices.Concat(v.fails, v.unsure) {
		for _, row := range differing {
			if row.holds(v, i) {
				causes[row.id] = append(causes[row.id], i)
				break
			}
		}
	}
	for _, row := range differing {
		if at := causes[row.id]; len(at) > 0 {
			f := row.words(v, at)
			f.ID, f.Evidence = cmp.Or(f.ID, row.id), at
			out = append(out, v.doubted(f, at))
		}
	}
	return out
}

// doubted takes what was not asked twice, or what two places alone show, for less
// than likely: nobody can tell which of two is the exception.
func (v *view) doubted(f Finding, at []int) Finding {
	f.Severity, f.Confidence = cmp.Or(f.Severity, diagnosis.Error), cmp.Or(f.Confidence, diagnosis.Likely)
	twice := func(i int) bool { return v.places[i].Again != nil }
	switch {
	case f.Confidence == diagnosis.Certain: // it was measured there, whatever others see
	case !slices.ContainsFunc(at, twice):
		f.Confidence = diagnosis.Guess
		f.Explanation += " It was not asked again, so this may be chance."
	case v.asked() == 2:
		f.Confidence = diagnosis.Guess
		f.Explanation += " With two places nobody can tell which one is the exception: a third would."
	}
	return f
}

// said is what every place's own report says.
func (v *view) said(all []int) string {
	var parts []string
	for _, i := range all[:min(len(all), 5)] {
		parts = append(parts, v.places[i].Label()+": "+v.title(i))
	}
	return strings.Join(parts, "; ")
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func sentence(s string) string { return strings.TrimSuffix(s, ".") + "." }

// working are the places from which it works, for a comparison.
func (v *view) working() []int { return slices.Concat(v.works, v.flaps) }

func (v *view) noRoute(i int) bool {
	f := failure(v.places[i].latest().Report)
	return f != nil && f.Phase == probe.PhaseConnect && f.Kind == probe.KindUnreachable && six(v.address(i))
}

func (v *view) nameMissing(i int) bool {
	r := v.places[i].latest().Report
	return r.Main() == nil && r.Lookup.Failure != nil
}

// otherFamily reports a place that dialled the IP version that no working place has.
func (v *view) otherFamily(i int) bool {
	a := v.address(i)
	return a.IsValid() && !slices.ContainsFunc(v.working(), func(k int) bool { return six(v.address(k)) == six(a) })
}

// otherAddress reports a place that dialled an address that no working place has.
func (v *view) otherAddress(i int) bool {
	a := v.address(i).Addr()
	return a.IsValid() && !slices.ContainsFunc(v.working(), func(k int) bool { return v.address(k).Addr() == a })
}

// replied is the code of the reply that ended the session; 0: no reply did.
func (v *view) replied(i int) int {
	f := failure(v.places[i].latest().Report)
	if f == nil || f.Reply == nil || f.Phase == probe.PhaseAuth {
		return 0
	}
	return f.Reply.Code
}

func (v *view) deferred(i int) bool { return v.replied(i)/100 == 4 }
func (v *view) refused(i int) bool  { return v.replied(i)/100 == 5 }

func (v *view) unreached(i int) bool {
	f := failure(v.places[i].latest().Report)
	return f != nil && f.Phase == probe.PhaseConnect
}
