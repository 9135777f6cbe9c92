package bot

import (
	"context"
	"slices"

	"smtptest/formatting"
	"smtptest/probe"
)

// Profiles are logins that the operator has set up. People in a chat only ever
// name one.
type Profiles interface {
	// Names are the profiles that somebody may use.
	Names(Who) []string
	// Find returns a profile that somebody may use; ok is false if there is none
	// of that name for them, whether or not it is there for others.
	Find(name string, w Who) (p Profile, ok bool)
}

// Profile is one of them.
type Profile interface {
	// User is the name that it logs in with.
	User() string
	// Covers reports a target that it may be used at.
	Covers(probe.Target) bool
	// Login reads or fetches the secret, for one use. Errors: *NoSecret.
	Login(context.Context, probe.Target) (*probe.Login, error)
}

// Who asks for a profile.
type Who struct {
	Platform formatting.Platform
	IDs      []string // the person, and what the person belongs to
}

// usable are the profiles that somebody may use at a target.
func (h *Handler) usable(w Who, t probe.Target) []string {
	if h.Profiles == nil {
		return nil
	}
	return slices.DeleteFunc(h.Profiles.Names(w), func(name string) bool {
		p, ok := h.Profiles.Find(name, w)
		return !ok || !p.Covers(t)
	})
}

// NoSecret says why the secret of a profile is unavailable, in words for the
// operator. It never contains what was read or answered.
type NoSecret struct{ Profile, Reason string }

// Error implements error.
func (e *NoSecret) Error() string { return "profile " + e.Profile + ": " + e.Reason }
