package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/slack-go/slack"

	"smtptest/bot/chat"
	"smtptest/formatting/blockkit"
)

// api makes the calls to the Web API that answers need.
type api struct {
	slack  *slack.Client
	client *http.Client
	caller *chat.Caller
	folds  atomic.Bool // containers and tables are used; not any more once Slack has refused one
}

// post puts one message there: where containers are used with them, or without
// them if Slack takes none. The first one of an answer is urgent.
func (a *api) post(ctx context.Context, at chat.Spot, post blockkit.Post, urgent bool) (chat.Spot, error) {
	if post.Folded == nil || !a.folds.Load() {
		return a.postAs(ctx, at, post, urgent)
	}
	folded := post
	folded.Blocks = post.Folded
	posted, err := a.postAs(ctx, at, folded, urgent)
	if errorCode(err) != "invalid_blocks" {
		return posted, err
	}
	if posted, err = a.postAs(ctx, at, post, urgent); err == nil {
		a.folds.Store(false)
	}
	return posted, err
}

// postAs puts one message there. One with a file is one message too.
func (a *api) postAs(ctx context.Context, at chat.Spot, post blockkit.Post, urgent bool) (chat.Spot, error) {
	do := a.caller.Do
	if urgent {
		do = a.caller.First
	}
	err := do(ctx, at.Channel, func(ctx context.Context) error {
		if f := post.File; f != nil {
			_, err := a.slack.UploadFileContext(ctx, slack.UploadFileParameters{
				Content: f.Text, FileSize: len(f.Text), Filename: f.Name, Title: f.Title, AltTxt: f.Title,
				Channel: at.Channel, ThreadTimestamp: at.Thread, Blocks: slack.Blocks{BlockSet: post.Blocks},
			})
			return err
		}
		channel, ts, err := a.slack.PostMessageContext(ctx, at.Channel, options(post, at.Thread)...)
		if err == nil {
			at.Channel, at.Message = channel, ts
		}
		return err
	})
	return at, err
}

func options(post blockkit.Post, thread string) []slack.MsgOption {
	o := []slack.MsgOption{
		slack.MsgOptionText(post.Text, false), slack.MsgOptionBlocks(post.Blocks...),
		slack.MsgOptionAttachments(post.Below...), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

// reply is what a response_url takes.
type reply struct {
	Type            string             `json:"response_type"`
	Text            string             `json:"text"`
	Blocks          []slack.Block      `json:"blocks,omitempty"`
	Below           []slack.Attachment `json:"attachments,omitempty"`
	ReplaceOriginal bool               `json:"replace_original"`
	UnfurlLinks     bool               `json:"unfurl_links"`
	UnfurlMedia     bool               `json:"unfurl_media"`
}

func replyOf(post blockkit.Post, kind string) reply {
	return reply{Type: kind, Text: post.Text, Blocks: post.Blocks, Below: post.Below}
}

// hook is the response_url that came with an event, for answers to the person
// alone, or to all where nothing else reaches them. Its uses come one after the other.
type hook struct {
	url  string // as good as a token; empty: none came
	uses int    // so far
}

// maxHookUses is how often Slack takes an answer at one.
const maxHookUses = 5

func (h *hook) usable() bool { return h.url != "" && h.uses < maxHookUses }

// respond answers through the response_url, as one of Slack's response types.
// The library would drop the options that keep links from unfurling.
func (a *api) respond(ctx context.Context, h *hook, post blockkit.Post, kind string) error {
	body, err := json.Marshal(replyOf(post, kind))
	if err != nil {
		return err
	}
	return a.caller.Do(ctx, "", func(ctx context.Context) error {
		if !h.usable() {
			return errUsedUp
		}
		h.uses++
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
		if err != nil {
			return errResponseURL
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := a.client.Do(req)
		if err != nil {
			return fmt.Errorf("%w: %w", errResponseURL, errors.Unwrap(err)) // the outer one quotes the address
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		return statusError(res)
	})
}
