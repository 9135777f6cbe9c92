package provider

import (
	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// Reading is what a reply means, with what its provider says about it.
type Reading struct {
	replies.Answer
	Provider Provider
	Known    bool // the provider is known
	Signed   bool // it is known by the words of its reply alone, which anybody may use
	Text     Text // what the provider means by the reply
	Found    bool // Text says so
}

// Classify says what a reply at a place means: what the provider of the host,
// or else the one that signs the reply, is known to mean by it; then what any
// server would. The same codes mean other things at other providers.
func Classify(host string, at replies.Place, r *smtp.Reply) Reading {
	var k Reading
	if k.Provider, k.Known = Of(host); !k.Known {
		k.Provider, k.Known = Signed(r.Text())
		k.Signed = k.Known
	}
	if k.Known {
		k.Text, k.Found = k.Provider.Means(at, r)
	}
	if id := k.Text.ID.Judged(at); id != "" {
		k.Answer = replies.Answer{ID: id, Layer: replies.LayerText, Source: k.Provider.Name}
		return k
	}
	k.Answer = replies.Classify(replies.Reply(at, r))
	return k
}
