package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/smtp"
)

// Bounds of a report on the wire.
const (
	// MaxReport is how large a report may be, a little less than a broker lets
	// through (max_payload, 1 MiB by default), whatever its own limit is.
	MaxReport = 1<<20 - 16<<10 // bytes
	// Objects and nulls of its JSON: each may become a struct of some 700 bytes.
	maxParts = 20_000
	maxText  = 32 << 10 // bytes of one text
	maxWord  = 64       // bytes of a word of ours
	cutLines = 200      // entries of a transcript that stay in a report that is too large
	shortest = 20       // and then
)

var errTooLarge = errors.New("remote: the report is larger than what a message may hold")

// encode writes a report, cut where it is larger than most bytes.
func encode(r *probe.Report, most int) ([]byte, error) {
	cut := func(lines int) { *r = cutTo(*r, lines) }
	return shrink(r, most, cut)
}

func encodeDomain(r *domain.Report, most int) ([]byte, error) {
	return shrink(r, most, func(lines int) {
		hosts := append([]domain.Host(nil), r.Hosts...)
		for i := range hosts {
			hosts[i].Addresses = append([]domain.Address(nil), hosts[i].Addresses...)
			for k := range hosts[i].Addresses {
				if a := &hosts[i].Addresses[k]; a.Report != nil {
					less := cutTo(*a.Report, lines)
					a.Report = &less
				}
			}
		}
		r.Hosts = hosts
	})
}

// shrink encodes, and cuts and encodes again until it fits.
func shrink(report any, most int, cut func(lines int)) ([]byte, error) {
	for _, lines := range []int{-1, cutLines, shortest, 0} {
		if lines >= 0 {
			cut(lines)
		}
		octets, err := json.Marshal(report)
		if err != nil {
			return nil, err
		}
		if len(octets) <= most && parts(octets) <= maxParts {
			return octets, nil
		}
	}
	return nil, errTooLarge
}

// cutTo is a report without certificates in DER and with at most so many lines in
// each transcript. The original is left as it is.
func cutTo(r probe.Report, lines int) probe.Report {
	r.Sessions = append([]probe.Session(nil), r.Sessions...)
	for i := range r.Sessions {
		s := &r.Sessions[i]
		if s.TLS != nil && s.TLS.DER != nil {
			t := *s.TLS
			t.DER = nil
			s.TLS = &t
		}
		if extra := len(s.Transcript) - lines; extra > 0 {
			s.Transcript, s.Dropped = s.Transcript[:lines], s.Dropped+extra
			s.Steps = append([]probe.Step(nil), s.Steps...)
			clampSteps(s)
		}
	}
	return r
}

func clampSteps(s *probe.Session) {
	most := len(s.Transcript)
	for i := range s.Steps {
		p := &s.Steps[i]
		p.From = min(max(p.From, 0), most)
		p.To = min(max(p.To, p.From), most)
	}
}

// parts counts what can become a value with a size of its own.
func parts(octets []byte) int {
	return bytes.Count(octets, []byte("{")) + bytes.Count(octets, []byte("null"))
}

// decode reads a report of an agent, about what was asked of it. Nothing in it
// is believed to be bounded or printable.
func decode(octets []byte, asked probe.Request, vantage string) (probe.Report, error) {
	var r probe.Report
	if err := unmarshal(octets, &r); err != nil {
		return probe.Report{}, err
	}
	if !current(r.Started) {
		return probe.Report{}, errOld
	}
	asked.Login = nil
	r.Request, r.Vantage = asked, vantage
	mend(&r)
	return r, nil
}

// maxAge is how long before now a report may say that it began: the longest run, and clocks
// that differ by some minutes.
const maxAge = maxTimeout + 10*time.Minute

var errOld = errors.New("remote: the report is from another time")

// current reports a beginning that can be that of a run which has just ended. What a broker
// kept and shows again is no news, and the time of an incident is not to come from a wrong
// clock. Without one, now is taken.
func current(started time.Time) bool {
	off := time.Since(started)
	return started.IsZero() || off < maxAge && off > -maxAge
}

func decodeDomain(octets []byte, asked domain.Request, vantage string) (domain.Report, error) {
	var r domain.Report
	if err := unmarshal(octets, &r); err != nil {
		return domain.Report{}, err
	}
	if !current(r.Started) {
		return domain.Report{}, errOld
	}
	r.Request, r.Vantage = asked, vantage
	for i := range r.Hosts {
		for k := range r.Hosts[i].Addresses {
			if a := &r.Hosts[i].Addresses[k]; a.Report != nil {
				a.Report.Vantage = vantage
				mend(a.Report)
			}
		}
	}
	return r, nil
}

func unmarshal(octets []byte, into any) error {
	if len(octets) > MaxReport+16<<10 || parts(octets) > maxParts {
		return errTooLarge
	}
	if err := json.Unmarshal(octets, into); err != nil {
		return errors.New("remote: the report cannot be read") // the cause quotes it
	}
	clean(reflect.ValueOf(into).Elem())
	return nil
}

// mend keeps what others compute from: indexes within their lists, no login, and
// a start near to now, because ages of certificates are counted from it.
func mend(r *probe.Report) {
	r.Request.Login = nil
	for i := range r.Sessions {
		clampSteps(&r.Sessions[i])
	}
	if r.Started.IsZero() || !current(r.Started) {
		r.Started = time.Now().UTC()
	}
}

// clean makes every text printable and bounded, and every duration one that a
// run can have.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text := v.String(); text != "" {
			v.SetString(lines(text))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				clean(f)
			}
		}
	}
}

// lines makes each line of a text printable: replies of several lines are one text.
func lines(text string) string {
	text = text[:min(len(text), maxText)]
	if !strings.Contains(text, "\n") {
		return printable(text, maxText)
	}
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = printable(all[i], maxText)
	}
	return strings.Join(all, "\n")
}

// printable is a text of at most so many bytes, without what acts on a reader.
func printable(text string, most int) string {
	if len(text) > most {
		text = text[:most]
		for !utf8.ValidString(text) && len(text) > most-utf8.UTFMax {
			text = text[:len(text)-1]
		}
	}
	return smtp.Printable([]byte(text))
}
