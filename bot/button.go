package bot

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/series"
)

// The button “Run again” carries its request, so that it works when the result
// is not kept any more: after an hour, and after a restart. The request has no
// login and no mail address. The name of the run is its authentication code,
// bound to the place of the answer and, of a private one, to the person: nobody
// can make a button of their own, or press one elsewhere.

const (
	requestVersion   = 1
	requestLife      = 7 * 24 * time.Hour // ours: an incident is over by then, and its channel often archived
	maxRequestOctets = 600                // ours: host, EHLO name and the name of a profile take some 550 at most
	requestHeader    = 11                 // octets: version, flags, port, end, random number, length of the host
	requestDomain    = "smtptest request in a button 1"
)

// Flags of a request, above two bits each of security and family.
const (
	flagPrivate = 1 << (4 + iota)
	flagLogin
	flagEnforced
	flagDeep
)

// What may follow the host, each with its length.
const (
	tagAt byte = iota + 1
	tagEHLO
	tagTimeout
	tagProfile
	tagSelector
	tagVantage
	tagRepeat
	tagOther   // the second server of a comparison: its port and its host
	tagOtherAt // the address that is connected to for it
)

var (
	securities = [...]probe.Security{
		probe.SecurityAuto, probe.SecuritySTARTTLS, probe.SecurityImplicit, probe.SecurityNone,
	}
	families = [...]probe.Family{probe.FamilyAny, probe.FamilyIP4, probe.FamilyIP6}
)

// seal makes the name of a run and the request that its button carries. Without
// a key, or with mail addresses, there is no request, and the name is random.
func (h *Handler) seal(r results.Result) (id, request string) {
	body := encodeRequest(r, time.Now().Add(requestLife))
	if len(h.Key) == 0 || r.Command.Request.Envelope != nil || len(body) > maxRequestOctets {
		return results.NewID(), ""
	}
	return h.code(r.Place, r.Person, body), base64.RawURLEncoding.EncodeToString(body)
}

// unseal reads the request of a button that somebody has pressed. ok is false
// where it is not ours, for another place or person, too old, or not to be asked
// any more.
func (h *Handler) unseal(inv Invocation) (r results.Result, ok bool) {
	if len(h.Key) == 0 || len(inv.Press.Request) > base64.RawURLEncoding.EncodedLen(maxRequestOctets) {
		return r, false
	}
	body, err := base64.RawURLEncoding.DecodeString(inv.Press.Request)
	if err != nil || !hmac.Equal([]byte(h.code(inv.Place, inv.Person.ID, body)), []byte(inv.Press.Run)) {
		return r, false
	}
	r, ends, ok := decodeRequest(body)
	host := cmp.Or(r.Command.Request.Target.Host, r.Command.Domain.Domain)
	d := h.Speaks(inv.Place.Platform)
	listed := len(d.Hosts) == 0 || slices.Contains(d.Hosts, host)
	allowed := strings.ContainsAny(host, ".:") || d.AllowSingleLabel && listed
	other := r.Command.Other.Target.Host
	return r, ok && allowed && (other == "" || strings.ContainsAny(other, ".:")) && time.Now().Before(ends)
}

// code is the authentication code of a request: 128 bits of HMAC-SHA-256.
func (h *Handler) code(p Place, person string, body []byte) string {
	if len(body) < requestHeader || body[1]&flagPrivate == 0 {
		person = ""
	}
	mac := hmac.New(sha256.New, h.Key)
	for _, part := range []string{requestDomain, string(p.Platform), p.Workspace, p.Channel, person, string(body)} {
		_, _ = mac.Write(binary.AppendUvarint(nil, uint64(len(part))))
		_, _ = mac.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// encodeRequest is short: Discord has room for some 50 octets.
func encodeRequest(r results.Result, ends time.Time) []byte {
	q := r.Command.Request
	if d := r.Command.Domain; r.Command.Verb == command.VerbDomain { // port 0 says that the host is a domain
		q.Target, q.EHLOName, q.Timeout = probe.Target{Host: d.Domain}, d.EHLOName, d.Timeout
	}
	flags := byte(max(0, slices.Index(securities[:], q.Security)) | max(0, slices.Index(families[:], q.Family))<<2)
	for flag, on := range map[byte]bool{
		flagPrivate: r.Private, flagLogin: r.Login, flagEnforced: q.Enforced, flagDeep: r.Command.Deep,
	} {
		if on {
			flags |= flag
		}
	}
	body := binary.BigEndian.AppendUint16([]byte{requestVersion, flags}, q.Target.Port)
	hours := binary.BigEndian.AppendUint32(nil, uint32(ends.Unix()/3600))
	random := make([]byte, 3) // two runs of one request are not one
	_, _ = rand.Read(random)  // it never fails (crypto/rand)
	body = slices.Concat(body, hours[1:], random, []byte{byte(len(q.Target.Host))}, []byte(q.Target.Host))
	add := func(tag byte, value []byte) {
		if len(value) > 0 && len(value) <= math.MaxUint8 {
			body = append(append(body, tag, byte(len(value))), value...)
		}
	}
	if q.At.IsValid() {
		add(tagAt, q.At.AsSlice())
	}
	add(tagEHLO, []byte(q.EHLOName))
	if q.Timeout > 0 {
		add(tagTimeout, binary.BigEndian.AppendUint16(nil, uint16(q.Timeout/time.Second)))
	}
	add(tagProfile, []byte(r.Command.Profile))
	add(tagSelector, []byte(r.Command.Domain.Selector))
	add(tagVantage, []byte(r.Command.Vantage))
	if r.Command.Repeat > 0 {
		add(tagRepeat, []byte{byte(r.Command.Repeat)})
	}
	if other := r.Command.Other; r.Command.Verb == command.VerbCompare {
		add(tagOther, append(binary.BigEndian.AppendUint16(nil, other.Target.Port), other.Target.Host...))
		if other.At.IsValid() {
			add(tagOtherAt, other.At.AsSlice())
		}
	}
	return body
}

// decodeRequest reads what encodeRequest wrote, and nothing else.
func decodeRequest(body []byte) (r results.Result, ends time.Time, ok bool) {
	if len(body) < requestHeader || body[0] != requestVersion || len(body) < requestHeader+int(body[10]) {
		return r, ends, false
	}
	flags, host := body[1], body[requestHeader:][:body[10]]
	r.Private, r.Login = flags&flagPrivate != 0, flags&flagLogin != 0
	c := &r.Command
	c.Verb, c.PortGiven, c.Private, c.Deep = command.VerbTest, true, r.Private, flags&flagDeep != 0
	if r.Login {
		c.Verb = command.VerbLogin
	}
	q := &c.Request
	q.Target = probe.Target{Host: string(host), Port: binary.BigEndian.Uint16(body[2:])}
	q.Security, q.Enforced = securities[flags&3], flags&flagEnforced != 0
	if n := int(flags >> 2 & 3); n < len(families) {
		q.Family = families[n]
	}
	ends = time.Unix(int64(binary.BigEndian.Uint32(append([]byte{0}, body[4:7]...)))*3600, 0)
	for rest := body[requestHeader+len(host):]; len(rest) > 0; {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) || !option(c, rest[0], rest[2:][:rest[1]]) {
			return r, ends, false
		}
		rest = rest[2+int(rest[1]):]
	}
	if q.Target.Port == 0 {
		c.Verb = command.VerbDomain
		c.Domain.Domain, c.Domain.EHLOName, c.Domain.Timeout = q.Target.Host, q.EHLOName, q.Timeout
		c.Request = probe.Request{}
	}
	return r, ends, true
}

// aVantage reports what a button can name as the place of a test.
func aVantage(name string) bool { return name == command.VantageAll || command.IsVantage(name) }

// option reads what stands behind the host.
func option(c *command.Command, tag byte, value []byte) (ok bool) {
	switch {
	case tag == tagAt:
		c.Request.At, ok = netip.AddrFromSlice(value)
		return ok
	case tag == tagEHLO:
		c.Request.EHLOName = string(value)
	case tag == tagTimeout && len(value) == 2:
		c.Request.Timeout = time.Duration(binary.BigEndian.Uint16(value)) * time.Second
	case tag == tagProfile:
		c.Profile = string(value)
	case tag == tagVantage:
		c.Vantage = string(value)
		return aVantage(c.Vantage)
	case tag == tagSelector:
		c.Domain.Selector = string(value)
	case tag == tagRepeat && len(value) == 1:
		c.Repeat = int(value[0])
		return c.Repeat >= series.Least && c.Repeat <= series.Most
	case tag == tagOther && len(value) > 2:
		c.Verb, c.Other = command.VerbCompare, c.Request
		c.Other.At = netip.Addr{}
		c.Other.Target = probe.Target{Host: string(value[2:]), Port: binary.BigEndian.Uint16(value)}
	case tag == tagOtherAt && c.Verb == command.VerbCompare:
		c.Other.At, ok = netip.AddrFromSlice(value)
		return ok
	default:
		return false
	}
	return true
}
