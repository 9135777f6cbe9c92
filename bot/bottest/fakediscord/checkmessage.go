package fakediscord

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Flags of a message (Discord, Message Resource, Message Flags).
const (
	flagSuppressEmbeds = 1 << 2
	flagEphemeral      = 1 << 6
	flagLoading        = 1 << 7
	flagHasThread      = 1 << 5
	flagSilent         = 1 << 12
)

// Limits of a message that the description does not have, or has higher
// (Discord, Message Resource, Create Message and Embed Limits).
const (
	mostContent  = 2000
	mostEmbedSum = 6000 // over all embeds of one message
	mostRows     = 5
)

// form is how a message comes.
type form struct {
	place string // in the body of the request; empty: it is the body
	body  string // the name of its schema
	flags int    // that may be set where it goes
	files int    // parts of the request
}

// checkMessage checks a message against the schema of its body and against
// all limits.
func (f *faults) checkMessage(v any, as form) {
	if !f.shape(as.place, as.body, v) {
		return
	}
	o := object(v)
	at := func(name string) string { return strings.TrimPrefix(as.place+"."+name, ".") }
	if set := number(o["flags"]); set&^as.flags != 0 {
		f.fail(at("flags"), "BITFIELD_TYPE_INVALID", fmt.Sprintf("Flags %d cannot be set here.", set&^as.flags))
	}
	if count(o["content"]) > mostContent {
		f.tooLong(at("content"), mostContent)
	}
	if o["enforce_nonce"] == true && empty(o["nonce"]) {
		f.required(at("nonce"))
	}
	f.checkEmbeds(at("embeds"), list(o["embeds"]))
	f.checkMentions(at("allowed_mentions"), object(o["allowed_mentions"]))
	f.checkAttachments(at("attachments"), list(o["attachments"]), as.files)
	rows := list(o["components"])
	if len(rows) > mostRows {
		f.tooLong(at("components"), mostRows)
	}
	ids := map[string]bool{}
	for i, row := range rows {
		f.checkRow(fmt.Sprint(at("components."), i), list(object(row)["components"]), ids)
	}
}

func (f *faults) tooLong(place string, most int) {
	f.fail(place, "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", most))
}

// count is how many code points texts have.
func count(texts ...any) int {
	n := 0
	for _, s := range texts {
		n += utf8.RuneCountInString(text(s))
	}
	return n
}

func (f *faults) checkEmbeds(place string, embeds []any) {
	sum := 0
	for i, e := range embeds {
		sum += f.checkEmbed(fmt.Sprint(place, ".", i), object(e))
	}
	if sum > mostEmbedSum {
		f.fail(place, "MAX_EMBED_SIZE_EXCEEDED", fmt.Sprintf("Embed size exceeds maximum size of %d", mostEmbedSum))
	}
}

// checkEmbed returns how much an embed counts for the sum.
func (f *faults) checkEmbed(place string, e map[string]any) int {
	sum := count(e["title"], e["description"])
	f.address(place+".url", e["url"])
	for i, x := range list(e["fields"]) {
		for _, name := range []string{"name", "value"} {
			sum += f.filled(fmt.Sprint(place, ".fields.", i), object(x), name)
		}
	}
	for part, name := range map[string]string{"footer": "text", "author": "name"} {
		if o := object(e[part]); o != nil {
			sum += f.filled(place+"."+part, o, name)
			f.address(place+"."+part+".url", o["url"])
			f.address(place+"."+part+".icon_url", o["icon_url"], "attachment")
		}
	}
	pictures := 0
	for _, name := range []string{"image", "thumbnail"} {
		if o := object(e[name]); o != nil {
			f.address(place+"."+name+".url", o["url"], "attachment")
			pictures++
		}
	}
	if sum+pictures == 0 {
		f.required(place + ".description")
	}
	return sum
}

// filled wants a text, and returns its length.
func (f *faults) filled(place string, o map[string]any, name string) int {
	if empty(o[name]) {
		f.required(place + "." + name)
	}
	return count(o[name])
}

// address is absent or a web address (Discord, Embed Object: http and https;
// images may be attachment://NAME).
func (f *faults) address(place string, v any, more ...string) {
	for _, scheme := range append(more, "http", "https") {
		if empty(v) || strings.HasPrefix(text(v), scheme+"://") {
			return
		}
	}
	f.fail(place, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of (http, https).")
}

// checkMentions: who is listed is not asked for in general too (Discord,
// Message Resource, Allowed Mentions Object).
func (f *faults) checkMentions(place string, o map[string]any) {
	for _, p := range list(o["parse"]) {
		if name := text(p); !empty(o[name]) {
			f.fail(place, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
				fmt.Sprintf("parse:[\"%s\"] and %s: [ids...] are mutually exclusive.", name, name))
		}
	}
}

// checkAttachments: what is described must be there (Discord, API Reference,
// Uploading Files). A number below any snowflake is the index of a part.
func (f *faults) checkAttachments(place string, all []any, files int) {
	for i, a := range all {
		id, err := strconv.ParseInt(fmt.Sprint(object(a)["id"]), 10, 64)
		if err == nil && id < 1<<22 && id >= int64(files) {
			f.fail(fmt.Sprint(place, ".", i), "ATTACHMENT_NOT_FOUND", "The attachment cannot be found")
		}
	}
}
