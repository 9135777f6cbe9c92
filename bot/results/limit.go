package results

import (
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"smtptest/formatting"
)

// Limiter counts who asked how often. Several processes may share the limits:
// all but Confirm know this process alone, and answer at once.
type Limiter interface {
	// Limits are those that apply.
	Limits() Limits
	// Take makes all claims or none. The receipt gives them back.
	Take(...Claim) (Receipt, *Refusal)
	// Confirm makes the claims of a receipt with all processes that share the
	// limits, again all or none. It may ask the network, and comes after the event
	// was acknowledged. A refusal gives the receipt back, here too.
	Confirm(context.Context, Receipt) *Refusal
	// Refund gives back what a receipt is for. What is forgotten since, by age
	// or for want of room, is passed over.
	Refund(Receipt)
	Places
}

// Places are for tests that run at once.
type Places interface {
	// Enter takes one of them, for the person of a key. full says which are all taken: AtOnce, of this process, or
	// PersonAtOnce; empty: it has one. Confirm asks for a place too.
	Enter(person string) (place Use, full Scope)
	// Leave gives a place back.
	Leave(place Use)
}

// Rate is how much of something may happen within a time.
type Rate struct {
	Most int           // at least 1
	Per  time.Duration // the window slides
}

// String is the rate for people: "5 a minute".
func (r Rate) String() string { return formatting.Rate(r.Most, r.Per) }

// twice is what several accounts have together that have one each.
func (r Rate) twice() Rate { return Rate{2 * r.Most, r.Per} }

// Limits say what may be asked for how often. The zero value is not usable:
// begin with DefaultLimits.
type Limits struct {
	Person       Rate // tests that one person asks for, over all places of a platform
	PersonAtOnce int  // tests of one person that run at the same time
	Channel      Rate // tests asked for in one channel
	Target       Rate // tests of one name, and of one address (an IPv6 /64)
	Login        Rate // logins at one host, one address, for one account; twice as many at a provider, by a person
	Recipients   Rate // tests with a recipient that one person asks for
	Answers      Rate // what one person asks for beside tests: help, forms, buttons, and whatever is refused
	Comparison   Rate // comparisons with one server; answers in between reuse them
	AtOnce       int  // tests that run at the same time
}

// DefaultLimits keep one bot from becoming a burden to a server, and a person
// from locking an account by accident.
func DefaultLimits() Limits {
	return Limits{
		Person:       Rate{10, time.Minute},
		PersonAtOnce: 2,
		Channel:      Rate{30, time.Minute},
		Target:       Rate{10, time.Minute},
		Login:        Rate{3, 10 * time.Minute},
		Recipients:   Rate{10, time.Hour},
		Answers:      Rate{30, time.Minute},
		Comparison:   Rate{1, time.Minute},
		AtOnce:       8,
	}
}

// DeepRate is how often the TLS of an address is scanned: one scan is as many
// connections as dozens of tests.
func DeepRate() Rate { return Rate{1, 10 * time.Minute} }

// Facts say for people what is allowed; those of logins and recipients only
// where such tests are made.
func (l Limits) Facts(logins, recipients bool) []formatting.Fact {
	return formatting.Limits{
		Person: l.Person.String(), Channel: l.Channel.String(), Target: l.Target.String(),
		Login: l.Login.String(), LoginShared: l.Login.twice().String(), Recipients: l.Recipients.String(),
		AtOnce: l.AtOnce, PersonAtOnce: l.PersonAtOnce,
	}.Facts(logins, recipients)
}

// Scope is what is counted.
type Scope string

// The scopes.
const (
	PerPerson        Scope = "person"
	PerChannel       Scope = "channel"
	PerTarget        Scope = "target"     // by name
	PerAddress       Scope = "address"    // by address
	PerComparison    Scope = "comparison" // by address and port: connections beside those that answer a request
	PerDeep          Scope = "deep"       // scans of TLS, by address
	PerLoginTarget   Scope = "login-target"
	PerLoginHost     Scope = "login-host"
	PerLoginProvider Scope = "login-provider"
	PerLoginAccount  Scope = "login-account"
	PerLoginPerson   Scope = "login-person"
	PerRecipients    Scope = "recipients"
	PerAnswer        Scope = "answer" // what a person asks for beside tests

	AtOnce       Scope = "at-once"
	PersonAtOnce Scope = "person-at-once"
)

// ofLogin reports what a login is counted for.
func (s Scope) ofLogin() bool { return strings.HasPrefix(string(s), "login-") }

// Claim is one use of something that is limited.
type Claim struct {
	Scope Scope
	Key   string
}

// Receipt is for the uses that one call of Take has counted.
type Receipt []Use

// Use is one claim that was counted.
type Use struct {
	Claim
	At time.Time // UTC
}

// Logins is the part of a receipt that is for a login.
func (r Receipt) Logins() Receipt {
	return slices.DeleteFunc(slices.Clone(r), func(u Use) bool { return !u.Scope.ofLogin() })
}

// Has reports a use of a claim.
func (r Receipt) Has(c Claim) bool {
	return slices.ContainsFunc(r, func(u Use) bool { return u.Claim == c })
}

// Refusal says which claim was refused.
type Refusal struct {
	Claim Claim
	Rate  Rate
	Wait  time.Duration // until one more is allowed
	Apart bool          // of a login: the processes that share the limits could not be asked
}

// PlaceLife is after what time a place counts no longer that a process took and
// never gave back, because it was killed: tests take two minutes at most.
const PlaceLife = 3 * time.Minute

// Rates are the limits by what they count, places for tests at once of a person
// among them.
func (l Limits) Rates() map[Scope]Rate {
	return map[Scope]Rate{
		PerPerson: l.Person, PerChannel: l.Channel, PerTarget: l.Target, PerAddress: l.Target,
		PerComparison: l.Comparison, PerAnswer: l.Answers, PerRecipients: l.Recipients,
		PerLoginTarget: l.Login, PerLoginHost: l.Login, PerLoginAccount: l.Login,
		PerLoginProvider: l.Login.twice(), PerLoginPerson: l.Login.twice(),
		PersonAtOnce: {l.PersonAtOnce, PlaceLife}, PerDeep: DeepRate(),
	}
}

// maxLimitKeys bounds each table. What is forgotten first was used longest
// ago, so that a flood of new names costs the flood its own memory first.
const maxLimitKeys = 10000

// MemoryLimiter is a Limiter of this process alone. Use NewMemoryLimiter.
type MemoryLimiter struct {
	limits Limits

	mu     sync.Mutex
	inside int
	people map[string]int // that are inside, with their tests
	tables map[Scope]*table
}

// NewMemoryLimiter counts from zero.
func NewMemoryLimiter(l Limits) *MemoryLimiter {
	m := &MemoryLimiter{limits: l, people: map[string]int{}, tables: map[Scope]*table{}}
	for s, r := range l.Rates() {
		if s == PersonAtOnce { // which people has
			continue
		}
		m.tables[s] = &table{rate: r, keys: map[string]*list.Element{}, order: list.New()}
	}
	return m
}

// Limits implements Limiter.
func (m *MemoryLimiter) Limits() Limits { return m.limits }

// Take implements Limiter.
func (m *MemoryLimiter) Take(claims ...Claim) (Receipt, *Refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UTC()
	for _, c := range claims {
		t := m.tables[c.Scope]
		if wait := t.wait(c.Key, now); wait > 0 {
			return nil, &Refusal{Claim: c, Rate: t.rate, Wait: wait}
		}
	}
	var all Receipt
	for _, c := range claims {
		m.tables[c.Scope].use(c.Key, now)
		all = append(all, Use{c, now})
	}
	return all, nil
}

// Confirm implements Limiter: nobody else has to be asked.
func (m *MemoryLimiter) Confirm(context.Context, Receipt) *Refusal { return nil }

// Within says which claims of a receipt are beyond this process's share of the
// limits: one in so many of what all have together, and one at least.
func (m *MemoryLimiter) Within(r Receipt, processes int) *Refusal {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, u := range r {
		t := m.tables[u.Scope]
		if t == nil { // a place: those of this process are counted already
			continue
		}
		share := Rate{max(1, t.rate.Most/max(1, processes)), t.rate.Per}
		if wait := t.beyond(u.Key, share, now); wait > 0 {
			return &Refusal{Claim: u.Claim, Rate: share, Wait: wait}
		}
	}
	return nil
}

// Refund implements Limiter.
func (m *MemoryLimiter) Refund(r Receipt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range r {
		if t := m.tables[u.Scope]; t != nil {
			t.refund(u)
		}
	}
}

// Enter implements Limiter.
func (m *MemoryLimiter) Enter(person string) (place Use, full Scope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.people[person] >= m.limits.PersonAtOnce:
		return Use{}, PersonAtOnce
	case m.inside >= m.limits.AtOnce:
		return Use{}, AtOnce
	}
	m.inside++
	m.people[person]++
	return Use{Claim{PersonAtOnce, person}, time.Now().UTC()}, ""
}

// Leave implements Limiter.
func (m *MemoryLimiter) Leave(place Use) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inside--
	if m.people[place.Key]--; m.people[place.Key] == 0 {
		delete(m.people, place.Key)
	}
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

// beyond is how long until a key that was just used is within a rate; 0: it is.
func (t *table) beyond(key string, r Rate, now time.Time) time.Duration {
	e, ok := t.keys[key]
	if !ok {
		return 0
	}
	at := e.Value.(*uses).at
	if len(at) <= r.Most {
		return 0
	}
	return max(0, at[len(at)-1-r.Most].Add(r.Per).Sub(now))
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

// refund forgets one use of a key at exactly that time: another one's use stays.
func (t *table) refund(use Use) {
	e, ok := t.keys[use.Key]
	if !ok {
		return
	}
	u := e.Value.(*uses)
	i := slices.IndexFunc(u.at, use.At.Equal)
	if i < 0 {
		return
	}
	if u.at = slices.Delete(u.at, i, i+1); len(u.at) == 0 {
		t.order.Remove(e)
		delete(t.keys, use.Key)
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
