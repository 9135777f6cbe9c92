package command

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"smtptest/probe"
)

// step reads one item.
func (r *pasteReader) step(t item) {
	now := r.next
	r.next = roleNone
	if t.option || t.key {
		if next, means := r.roleOf(t); next != roleNone {
			r.begin(t, next, means)
			return
		}
	}
	switch {
	case strings.HasPrefix(t.text, "@"): // a mention
	case t.call:
		r.call(t)
	case t.option && r.number(item{text: strings.TrimPrefix(t.text, "-p")}, rolePort): // -p25
	case t.option:
		r.open, r.ignored = 0, true
	case now == roleSkip:
		r.ignored = true
	case now == roleName:
		r.named, _ = r.roleOf(item{text: t.text, key: true})
	case now == roleTLS:
		r.tls(strings.ToLower(t.text))
	case r.number(t, now), r.host(t, now), r.record(t):
	default:
		r.other(t, now)
	}
}

// call reads the name of a function: nobody types code.
func (r *pasteReader) call(t item) {
	r.foreign, r.ignored = true, true
	if strings.HasSuffix(strings.ToLower(t.text), "ssl") { // smtplib.SMTP_SSL
		r.security = probe.SecurityImplicit
	}
}

// other reads a word that is no part of a target.
func (r *pasteReader) other(t item, now role) {
	switch known := r.word(t); {
	case known && now == rolePort && r.next == roleNone:
		r.next = rolePort // port is 587
	case !known:
		r.left, r.before, r.open = append(r.left, t), t, 0
		if t.key {
			r.next = roleOther
		}
	}
}

// begin notes what the next item is.
func (r *pasteReader) begin(t item, next role, means probe.Security) {
	switch {
	case next == roleValue:
		if next = r.named; next == roleNone {
			next = roleOther
		}
		r.named = roleNone
	case next == roleTLS && t.option && !t.key: // it has no value, or its own name as one
		r.security, next = means, roleNone
	}
	r.next, r.meant, r.open = next, means, 0
}

// tls reads the value of a setting about TLS.
func (r *pasteReader) tls(value string) {
	switch named, known := values[value]; {
	case known:
		r.security = named
	case on(value) && r.meant != "":
		r.security = r.meant
	}
}

// roleOf is what an option or a key is about.
func (r *pasteReader) roleOf(t item) (role, probe.Security) {
	name := strings.ToLower(strings.Trim(t.text, "-$"))
	if len(name) == 1 && t.option {
		return r.letter(name)
	}
	joined := strings.NewReplacer("_", "", "-", "", ".", "").Replace(name)
	for _, s := range switches {
		if strings.HasSuffix(joined, s.name) && s.option == t.option && (!t.option || joined == s.name) {
			return roleTLS, s.means
		}
	}
	last := name[strings.LastIndexAny(name, "._-")+1:]
	if last != "localhost" && (strings.HasSuffix(last, "server") || strings.HasSuffix(last, "host")) {
		return roleHost, ""
	}
	for _, prefix := range []string{"", "smtp", "email", "mail", "server", "relay"} {
		if known := roles[strings.TrimPrefix(last, prefix)]; known != roleNone {
			return known, ""
		}
	}
	return roleNone, ""
}

// letter is an option of one letter.
func (r *pasteReader) letter(name string) (role, probe.Security) {
	if strings.HasPrefix(r.program, "testssl") && name == "t" {
		return roleTLS, probe.SecuritySTARTTLS
	}
	of, known := letters[r.program]
	if !known {
		of = letters[""]
	}
	return of[name], ""
}

// number reads a port: of a key, behind the word port, or behind a host.
func (r *pasteReader) number(t item, now role) bool {
	text, _, _ := strings.Cut(strings.TrimRight(t.text, ".,:!?"), "/") // 587/tcp
	port, ok := readPort(text)
	if !ok || !digits(text) {
		return false
	}
	switch {
	case now == roleHost && r.mx:
		r.next = roleHost // its preference
	case now == rolePort:
		r.ports, r.next = append(r.ports, port), rolePort // -p 25,587
	case r.open > 0:
		r.attach(port)
	case r.program != "" && len(r.found) == 0 && r.before.text != "": // telnet mailhub 25
		r.label(r.before, port, rankName)
	}
	return true
}

// attach gives a port to the host before it. Behind a host that has one, only
// the ports of mail are meant as one: a reply code may follow too.
func (r *pasteReader) attach(port uint16) {
	c := &r.found[r.open-1]
	known := slices.Contains([]uint16{25, 465, 587, 2525}, port)
	switch {
	case c.target.port == 0 && len(c.ports) == 0:
		c.target.port, c.rank = port, max(c.rank, rankPort)
	case known:
		c.ports = append(c.ports, port)
	}
}

// host reads a host, and what may follow it.
func (r *pasteReader) host(t item, now role) bool {
	if r.open > 0 && r.addressOf(t) {
		return true
	}
	text := strings.TrimRight(t.text, ".!?")
	if key, rest, found := strings.Cut(text, ":"); found && !strings.HasPrefix(rest, "//") {
		if known, _ := r.roleOf(item{text: key, key: true}); known == roleHost && !digits(rest) {
			text, now = strings.TrimLeft(rest, ":"), roleHost // host:smtp.example.com, TCP:mx.example.com:25
		}
	}
	c, ok := readPasted(text, r.dialect)
	switch {
	case !ok || strings.Contains(t.text, "@") && c.rank < rankPort:
		return now == roleHost && r.label(item{text: text, place: t.place}, 0, rankKey)
	case now == roleHost:
		c.rank, r.next = rankKey, roleHost // a list may follow
	case now == roleOther:
		c.rank = rankOther
	}
	if r.mx {
		c.target.scheme.port = relayPort
	}
	r.foreign = r.foreign || c.target.scheme.port == relayPort
	r.found = append(r.found, c)
	r.open = len(r.found)
	return true
}

// addressOf reads the address that stands behind a name: mx.example.com
// [192.0.2.7]:25.
func (r *pasteReader) addressOf(t item) bool {
	c := &r.found[r.open-1]
	inner, port, _ := strings.Cut(strings.TrimPrefix(t.text, "["), "]")
	if _, isAddress := readAddress(inner); !isAddress || !t.paren && !strings.HasPrefix(t.text, "[") {
		return false
	}
	if number, ok := readPort(strings.TrimLeft(port, ":")); ok && c.target.port == 0 {
		c.target.port, c.rank = number, max(c.rank, rankPort)
	}
	if !t.paren {
		c.target.scheme.port, r.foreign = relayPort, true
	}
	return true
}

// label takes a host name without a dot where such names may be tested.
func (r *pasteReader) label(t item, port uint16, rank int) bool {
	text, tail, _ := strings.Cut(t.text, ":")
	if number, ok := readPort(tail); ok && port == 0 {
		port = number
	}
	var found target
	err := found.setHost(text, Dialect{Terminal: true})
	if err != nil || strings.ContainsAny(text, "._") || !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	if !r.dialect.singleLabel(found.host) {
		r.local = t.place
		return true
	}
	found.port = port
	r.found = append(r.found, candidate{target: found, rank: rank})
	r.open = len(r.found)
	r.left = slices.DeleteFunc(r.left, func(l item) bool { return l == t })
	return true
}

// record reads what a DNS record and a reply are known by.
func (r *pasteReader) record(t item) bool {
	switch {
	case t.text == "IN" && r.open > 0: // the name of the record, and its time to live
		c := &r.found[r.open-1]
		c.target.port, c.rank, r.open = 0, rankOther, 0
	case t.text == "MX":
		r.mx, r.next, r.open = true, roleHost, 0
	case enhancedCode.MatchString(t.text):
		r.foreign, r.ignored = true, true
	default:
		return false
	}
	return true
}

// enhancedCode is a code of RFC 3463 §2.
var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// word reads what has a meaning only beside a host.
func (r *pasteReader) word(t item) bool {
	name := strings.ToLower(strings.Trim(strings.TrimRight(t.text, ".!?"), "-_[]"))
	switch means, known := values[name]; {
	case name == "port":
		r.next = rolePort
		return true
	case slices.Contains([]string{"on", "at", "tcp", "over", "auf", "sur"}, name): // the port may follow
		r.fillers++
		return true
	case known:
		r.spoken = means
		return true
	case filler(name):
		r.fillers++
	case among(harmless, name), len(t.text) == 1 && !t.key:
		r.before = t // or the name of a host of this network
	default:
		_, isProgram := programs[name[strings.LastIndex(name, "/")+1:]]
		return isProgram
	}
	r.open = 0
	return true
}

// relayPort is where mail servers are reached by others (RFC 5321 §4.5.4.2):
// a log that names no port means this one.
const relayPort = 25

// readPasted reads what has the form of a host: with its port, its address or
// its scheme.
func readPasted(text string, d Dialect) (candidate, bool) {
	c := candidate{rank: rankName}
	switch {
	case strings.Contains(text, "://"):
		text, c = cutPastedScheme(text)
	case strings.HasPrefix(text, "/dev/tcp/"):
		text = strings.TrimPrefix(text, "/dev/tcp/")
	}
	text, port, ok := cutPort(text)
	if !ok {
		return candidate{}, false
	}
	if name, inner, found := strings.Cut(text, "["); found && name != "" { // mx.example.com[192.0.2.7], as Postfix logs
		address := strings.TrimSuffix(inner, "]")
		if _, isAddress := readAddress(address); !isAddress {
			return candidate{}, false
		}
		text, c.target.scheme.port, c.rank = name, relayPort, rankPort
	}
	if port != 0 {
		c.target.port, c.rank = port, max(c.rank, min(rankPort, c.rank+1))
	}
	if strings.Count(text, "[") != strings.Count(text, "]") {
		return candidate{}, false
	}
	text = strings.TrimRight(strings.Trim(text, "[]"), ".")
	if !hostLike(text, port != 0) || c.target.setHost(text, d) != nil {
		return candidate{}, false
	}
	return c, true
}

// cutPastedScheme takes a scheme off, and a user behind it. That of a web page
// says little.
func cutPastedScheme(text string) (rest string, c candidate) {
	name, rest, _ := strings.Cut(text, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if at := strings.LastIndex(rest, "@"); at >= 0 && !strings.Contains(rest[:at], ":") {
		rest = rest[at+1:]
	}
	c.rank = rankPort
	switch name = strings.ToLower(name); {
	case strings.HasPrefix(name, "http"):
		host, _, _ := strings.Cut(rest, "/")
		return host, candidate{rank: rankOther}
	case name == "ssl" || name == "tls":
		c.target.scheme = schemes[2]
	case name != "telnet" && name != "tcp":
		if _, err := c.target.cutScheme(text); err != nil {
			return "", c
		}
	}
	return strings.TrimRight(rest, "/"), c
}

// cutPort takes a port off: H:P, H::P, H/P, H:P/tcp, [H]:P. ok is false for
// what goes on in another way.
func cutPort(text string) (host string, port uint16, ok bool) {
	if _, isAddress := readAddress(text); isAddress {
		return text, 0, true
	}
	host, tail, slash := strings.Cut(text, "/")
	if number, isPort := readPort(tail); isPort && digits(tail) {
		_, err := netip.ParseAddr(host)
		return host, number, err != nil || number > 128 // no network such as 192.0.2.0/24
	}
	if slash && !slices.Contains([]string{"tcp", "udp", "smtp", ""}, tail) {
		return "", 0, false
	}
	at := strings.LastIndex(host, ":")
	if at < 0 || at < strings.LastIndex(host, "]") {
		return host, 0, true
	}
	number, isPort := readPort(host[at+1:])
	return strings.TrimSuffix(host[:at], ":"), number, isPort
}

// hostLike reports an address, or a name that ends as names of hosts do. A name
// without a port may be that of a file.
func hostLike(text string, port bool) bool {
	if _, isAddress := readAddress(text); isAddress {
		return true
	}
	const longestEnding = 24 // the longest top-level names in use are A-labels of that length
	end := text[strings.LastIndex(text, ".")+1:]
	switch {
	case end == text, len(end) < 2, len(end) > longestEnding && !strings.HasPrefix(end, "xn--"):
		return false
	case !port && among(files, strings.ToLower(end)):
		return false
	case strings.HasPrefix(strings.ToLower(end), "xn--"):
		return true
	}
	odd := func(r rune) bool { return !unicode.IsLetter(r) }
	return !strings.ContainsFunc(end, odd) && (end == strings.ToLower(end) || end == strings.ToUpper(end))
}
