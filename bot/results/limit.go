package results

import (
	"container/list"
	"slices"
	"strings"
	"sync"
	"time"

	"smtptest/formatting"
)

// Limiter counts who asked how often.
type Limiter interface {
	// Limits are those that apply.
	Limits() Limits
	// Take makes all claims or none. The receipt gives them back.
	Take(...Claim) (Receipt, *Refusal)
	// Refund gives back what a receipt is for. What is forgotten since, by age
	// or for want of room, is passed over.
	Refund(Receipt)
	// Enter takes one of the places for tests that run at once, for the person of
	// a key. full says which are all taken: AtOnce, or PersonAtOnce; empty: it has
	// one.
	Enter(person string) (full Scope)
	// Leave gives a place of that person back.
	Leave(person string)
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
	rates := map[Scope]Rate{
		PerPerson: l.Person, PerChannel: l.Channel, PerTarget: l.Target, PerAddress: l.Target,
		PerComparison: l.Comparison, PerAnswer: l.Answers, PerRecipients: l.Recipients,
		PerLoginTarget: l.Login, PerLoginHost: l.Login, PerLoginAccount: l.Login,
		PerLoginProvider: l.Login.twice(), PerLoginPerson: l.Login.twice(),
	}
	m := &MemoryLimiter{limits: l, people: map[string]int{}, tables: map[Scope]*table{}}
	for s, r := range rates {
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
			return nil, &Refusal{c, t.rate, wait}
		}
	}
	var all Receipt
	for _, c := range claims {
		m.tables[c.Scope].use(c.Key, now)
		all = append(all, Use{c, now})
	}
	return all, nil
}

// Refund implements Limiter.
func (m *MemoryLimiter) Refund(r Receipt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range r {
		m.tables[u.Scope].refund(u)
	}
}

// Enter implements Limiter.
func (m *MemoryLimiter) Enter(person string) (full Scope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.people[person] >= m.limits.PersonAtOnce:
		return PersonAtOnce
	case m.inside >= m.limits.AtOnce:
		return AtOnce
	}
	m.inside++
	m.people[person]++
	return ""
}

// Leave implements Limiter.
func (m *MemoryLimiter) Leave(person string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inside--
	if m.people[person]--; m.people[person] == 0 {
		delete(m.people, person)
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
