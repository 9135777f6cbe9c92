package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smtptest/formatting/blockkit"
)

// poster makes the calls to the Web API: paced, and repeated where that can
// help. A call whose outcome is unknown is repeated too, for no answer is worse
// than a doubled one.
type poster struct {
	api    *slack.Client
	client *http.Client
	called func(err error, retries int) // hears how each call ended
	life   context.Context              // of all calls: when it is over, none is made any more
	doubt  func()                       // hears that Slack has refused a token
	pace   time.Duration                // between two messages in one channel

	mu   sync.Mutex
	next map[string]time.Time // when a channel may be posted to again
}

// spot is where a message stands, or is to stand.
type spot struct {
	channel string
	thread  string // timestamp of the message above; empty: not in a thread
	message string // timestamp of the message itself; empty: not posted
}

// post puts one message there.
func (p *poster) post(ctx context.Context, at spot, post blockkit.Post) (spot, error) {
	err := p.try(ctx, at.channel, func(ctx context.Context) error {
		channel, ts, err := p.api.PostMessageContext(ctx, at.channel, options(post, at.thread)...)
		if err == nil {
			at.channel, at.message = channel, ts
		}
		return err
	})
	return at, err
}

func options(post blockkit.Post, thread string) []slack.MsgOption {
	o := []slack.MsgOption{
		slack.MsgOptionText(post.Text, false), slack.MsgOptionBlocks(post.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

// edit changes a message that was posted.
func (p *poster) edit(ctx context.Context, at spot, post blockkit.Post) error {
	return p.try(ctx, "", func(ctx context.Context) error {
		_, _, _, err := p.api.UpdateMessageContext(ctx, at.channel, at.message, options(post, "")...)
		return err
	})
}

// remove takes a message back.
func (p *poster) remove(ctx context.Context, at spot) error {
	return p.try(ctx, "", func(ctx context.Context) error {
		_, _, err := p.api.DeleteMessageContext(ctx, at.channel, at.message)
		return err
	})
}

// whisper shows a message to one person in a channel.
func (p *poster) whisper(ctx context.Context, at spot, user string, post blockkit.Post) error {
	return p.try(ctx, "", func(ctx context.Context) error {
		_, err := p.api.PostEphemeralContext(ctx, at.channel, user, options(post, at.thread)...)
		return err
	})
}

// link is where a message can be looked at; empty: Slack does not say.
func (p *poster) link(ctx context.Context, at spot) string {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	link, err := p.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.channel, Ts: at.message})
	if err != nil || !strings.HasPrefix(link, "http") {
		return ""
	}
	return link
}

// upload puts a post with its file into a thread: one message.
func (p *poster) upload(ctx context.Context, at spot, post blockkit.Post) error {
	f := post.File
	return p.try(ctx, at.channel, func(ctx context.Context) error {
		_, err := p.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Content: f.Text, FileSize: len(f.Text), Filename: f.Name, Title: f.Title, AltTxt: f.Title,
			Channel: at.channel, ThreadTimestamp: at.thread, Blocks: slack.Blocks{BlockSet: post.Blocks},
		})
		return err
	})
}

// open opens a form.
func (p *poster) open(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	_, err := p.api.OpenViewContext(ctx, trigger, view) // a trigger is used once: no second try
	return err
}

// reply is what a response_url takes.
type reply struct {
	Type            string        `json:"response_type"`
	Text            string        `json:"text"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
	ReplaceOriginal bool          `json:"replace_original"`
	UnfurlLinks     bool          `json:"unfurl_links"`
	UnfurlMedia     bool          `json:"unfurl_media"`
}

func replyOf(post blockkit.Post) reply {
	return reply{Type: slack.ResponseTypeEphemeral, Text: post.Text, Blocks: post.Blocks}
}

// hook is the address that came with an event, for answers to the person
// alone. The doors use it one after the other.
type hook struct {
	url  string // as good as a token; empty: none came
	uses int    // so far
}

// maxHookUses is how often Slack takes an answer at one.
const maxHookUses = 5

func (h *hook) usable() bool { return h.url != "" && h.uses < maxHookUses }

// What can be wrong with a hook, but for what Slack says of it.
var (
	errResponseURL = errors.New("the answer's own address could not be used")
	errHookUsed    = errors.New("the answer's own address is used up")
)

// respond answers the person alone through the address that came with the
// event. The library would drop the options that keep links from unfurling.
func (p *poster) respond(ctx context.Context, h *hook, post blockkit.Post) error {
	body, err := json.Marshal(replyOf(post))
	if err != nil {
		return err
	}
	return p.try(ctx, "", func(ctx context.Context) error {
		if !h.usable() {
			return errHookUsed
		}
		h.uses++
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
		if err != nil {
			return errResponseURL
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := p.client.Do(req)
		if err != nil {
			return fmt.Errorf("%w: %w", errResponseURL, errors.Unwrap(err)) // the outer one quotes the address
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		return status(res)
	})
}
