package bot

import (
	"container/list"
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"

	"smtptest/formatting"
)

// Rate is how much of something may happen within a time.
type Rate struct {
	Most int           // at least 1
	Per  time.Duration // the window slides
}

// String is the rate for people: "5 a minute".
func (r Rate) String() string { return formatting.Rate(r.Most, r.Per) }

// LimitConfig says what may be asked for how often. The zero value is not
// usable: begin with DefaultLimits.
type LimitConfig struct {
	Person     Rate // tests that one person asks for
	Channel    Rate // tests asked for in one channel
	Target     Rate // connections to one address (an IPv6 /64), and tests of one name
	Login      Rate // logins at one address, and logins for one account
	Recipients Rate // tests with a recipient that one person asks for
	AtOnce     int  // tests that run at the same time
}

// Facts say for people what is allowed.
func (c LimitConfig) Facts() []formatting.Fact {
	return formatting.Limits{
		Person: c.Person.String(), Channel: c.Channel.String(), Target: c.Target.String(),
		Login: c.Login.String(), Recipients: c.Recipients.String(), AtOnce: c.AtOnce,
	}.Facts()
}

// DefaultLimits keep one bot from becoming a burden to a server, and a person
// from locking an account by accident.
func DefaultLimits() LimitConfig {
	return LimitConfig{
		Person:     Rate{5, time.Minute},
		Channel:    Rate{20, time.Minute},
		Target:     Rate{6, time.Minute},
		Login:      Rate{3, 10 * time.Minute},
		Recipients: Rate{10, time.Hour},
		AtOnce:     8,
	}
}

// maxLimitKeys bounds each table. What is forgotten first was used longest
// ago, so that a flood of new names costs the flood its own memory first.
const maxLimitKeys = 10000

// slotWait is what a person is told when all places are taken: tests of
// healthy servers take about a second.
const slotWait = 5 * time.Second

// Limits count who asked how often, in memory alone.
type Limits struct {
	config LimitConfig
	now    func() time.Time

	mu      sync.Mutex
	running int
	tables  map[scope]*table
}

// scope is what a table counts.
type scope int

const (
	perPerson scope = iota
	perChannel
	perTarget  // by name
	perAddress // by address
	perLoginTarget
	perLoginAccount
	perRecipients
	perPress // what buttons do beside beginning a test
)

// NewLimits counts by the machine's clock.
func NewLimits(c LimitConfig) *Limits {
	rates := map[scope]Rate{
		perPerson: c.Person, perChannel: c.Channel, perTarget: c.Target, perAddress: c.Target,
		perPress: {Most: 30, Per: time.Minute}, perLoginTarget: c.Login, perLoginAccount: c.Login, perRecipients: c.Recipients,
	}
	l := &Limits{config: c, now: time.Now, tables: map[scope]*table{}}
	for s, r := range rates {
		l.tables[s] = &table{rate: r, keys: map[string]*list.Element{}, order: list.New()}
	}
	return l
}

// claim is one use of something that is limited.
type claim struct {
	scope scope
	key   string
	over  formatting.TextID // said when there is no more of it
}

// overLimit says which claim was refused.
type overLimit struct {
	claim claim
	rate  Rate
	wait  time.Duration // until one more is allowed
}

// take makes all claims or none.
func (l *Limits) take(claims ...claim) *overLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, c := range claims {
		t := l.tables[c.scope]
		if wait := t.wait(c.key, now); wait > 0 {
			return &overLimit{c, t.rate, wait}
		}
	}
	for _, c := range claims {
		l.tables[c.scope].use(c.key, now)
	}
	return nil
}

// giveBack takes claims back that were made last.
func (l *Limits) giveBack(claims ...claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range claims {
		l.tables[c.scope].giveBack(c.key)
	}
}

// enter takes one of the places for tests that run at once; leave gives it
// back.
func (l *Limits) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running >= l.config.AtOnce {
		return false
	}
	l.running++
	return true
}

func (l *Limits) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
}

// table counts uses by key over a sliding window.
type table struct {
	rate  Rate
	keys  map[string]*list.Element // of *uses
	order *list.List               // used longest ago first
}

// uses are the times at which a key was used, oldest first, at most
// rate.Most of them.
type uses struct {
	key string
	at  []time.Time
}

// wait is how long until one more use is allowed; 0: now.
func (t *table) wait(key string, now time.Time) time.Duration {
	e, ok := t.keys[key]
	if !ok {
		return 0
	}
	u := e.Value.(*uses)
	if len(u.at) < t.rate.Most {
		return 0
	}
	return max(0, u.at[0].Add(t.rate.Per).Sub(now))
}

func (t *table) use(key string, now time.Time) {
	e, ok := t.keys[key]
	if !ok {
		t.forget(now)
		e = t.order.PushBack(&uses{key: key})
		t.keys[key] = e
	}
	u := e.Value.(*uses)
	if len(u.at) >= t.rate.Most {
		u.at = append(u.at[:0], u.at[1:]...)
	}
	u.at = append(u.at, now)
	t.order.MoveToBack(e)
}

// giveBack forgets the last use of a key.
func (t *table) giveBack(key string) {
	e, ok := t.keys[key]
	if !ok {
		return
	}
	u := e.Value.(*uses)
	if u.at = u.at[:len(u.at)-1]; len(u.at) == 0 {
		t.order.Remove(e)
		delete(t.keys, key)
	}
}

// forget drops keys whose last use is out of the window, and the oldest one
// when the table is full.
func (t *table) forget(now time.Time) {
	for e := t.order.Front(); e != nil; e = t.order.Front() {
		u := e.Value.(*uses)
		if now.Sub(u.at[len(u.at)-1]) < t.rate.Per && len(t.keys) < maxLimitKeys {
			return
		}
		t.order.Remove(e)
		delete(t.keys, u.key)
	}
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// networkOf is what counts as one server: an address of IPv4, a /64 of IPv6.
func networkOf(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) { // the translator of the whole network (RFC 6052 §2.1): the server is behind it
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return prefix.String()
}

// accountKey names an account without holding its name.
func accountKey(host, user string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(host) + "\x00" + strings.ToLower(user)))
	return string(sum[:])
}
