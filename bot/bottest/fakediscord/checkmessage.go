package fakediscord

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// Flags of a message (Discord, Message Resource, Message Flags).
const (
	flagSuppressEmbeds = 1 << 2
	flagEphemeral      = 1 << 6
	flagLoading        = 1 << 7
	flagHasThread      = 1 << 5
	flagSilent         = 1 << 12
	flagComponentsV2   = 1 << 15
)

// Limits of a message (Discord, Message Resource, Create Message and Embed Limits).
const (
	mostContent     = 2000
	mostEmbeds      = 10
	mostEmbedTitle  = 256
	mostDescription = 4096
	mostFields      = 25
	mostFieldName   = 256
	mostFieldValue  = 1024
	mostFooter      = 2048
	mostAuthor      = 256
	mostEmbedSum    = 6000 // over all embeds of one message
	mostNonce       = 25
	mostMentioned   = 100
	mostColour      = 0xFFFFFF
)

var (
	snowflake = regexp.MustCompile(`^[0-9]{1,20}$`)
)

// checkMessage holds the body of a message against all limits; flags are
// those that may be set where it goes.
func checkMessage(f field, flags int64, files int) {
	if !f.object() {
		return
	}
	v2 := f.at("flags").whole(0, 1<<53)&flagComponentsV2 != 0
	if set := f.at("flags").whole(0, 1<<53); set&^flags != 0 {
		f.at("flags").fail("BITFIELD_TYPE_INVALID", "Flags %d cannot be set here.", set&^flags)
	}
	f.at("content").text(0, mostContent)
	f.at("tts").yes()
	checkEmbeds(f.at("embeds"))
	checkNonce(f)
	checkMentions(f.at("allowed_mentions"))
	checkAttachments(f.at("attachments"), files)
	checkComponents(f.at("components"), v2)
	if v2 {
		checkNoLegacy(f)
	}
}

// checkNoLegacy: a message of components alone has nothing else (Discord,
// Component Reference, Using Message Components).
func checkNoLegacy(f field) {
	for _, name := range []string{"content", "embeds", "poll", "sticker_ids"} {
		if !empty(f.at(name).value) {
			f.at(name).fail("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", name)
		}
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

func checkEmbeds(f field) {
	sum := 0
	for _, e := range f.list(0, mostEmbeds) {
		if e.object() {
			sum += checkEmbed(e)
		}
	}
	if sum > mostEmbedSum {
		f.fail("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d", mostEmbedSum)
	}
}

// checkEmbed returns how much an embed counts for the sum.
func checkEmbed(e field) int {
	sum := count(e.at("title").text(0, mostEmbedTitle), e.at("description").text(0, mostDescription))
	e.at("color").whole(0, mostColour)
	e.at("url").address("http", "https")
	fields := e.at("fields").list(0, mostFields)
	for _, x := range fields {
		if x.object() {
			sum += count(x.at("name").text(1, mostFieldName), x.at("value").text(1, mostFieldValue))
			x.at("inline").yes()
		}
	}
	if footer := e.at("footer"); !footer.null() && footer.object() {
		sum += count(footer.at("text").text(1, mostFooter))
		footer.at("icon_url").address("http", "https", "attachment")
	}
	if author := e.at("author"); !author.null() && author.object() {
		sum += count(author.at("name").text(1, mostAuthor))
		author.at("url").address("http", "https")
	}
	pictures := 0
	for _, name := range []string{"image", "thumbnail"} {
		if p := e.at(name); !p.null() && p.object() {
			p.at("url").address("http", "https", "attachment")
			pictures++
		}
	}
	if sum+pictures == 0 {
		e.at("description").required()
	}
	return sum
}

func count(texts ...string) int {
	n := 0
	for _, s := range texts {
		n += utf8.RuneCountInString(s)
	}
	return n
}

// checkNonce: a number or a string of at most 25 characters.
func checkNonce(f field) {
	switch f.at("nonce").value.(type) {
	case nil, json.Number:
	default:
		f.at("nonce").text(0, mostNonce)
	}
	if f.at("enforce_nonce").yes() && empty(f.at("nonce").value) {
		f.at("nonce").required()
	}
}

// checkMentions holds allowed_mentions against its shape (Discord, Message
// Resource, Allowed Mentions Object).
func checkMentions(f field) {
	if f.null() || !f.object() {
		return
	}
	parsed := map[string]bool{}
	for _, p := range f.at("parse").list(0, 3) {
		kind := p.text(1, 8)
		if kind != "roles" && kind != "users" && kind != "everyone" {
			p.fail("BASE_TYPE_CHOICES", "Value must be one of ('users', 'roles', 'everyone').")
		}
		parsed[kind] = true
	}
	for _, name := range []string{"users", "roles"} {
		ids := f.at(name).list(0, mostMentioned)
		for _, id := range ids {
			checkSnowflake(id)
		}
		if parsed[name] && len(ids) > 0 {
			f.fail("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[\"%s\"] and %s: [ids...] are mutually exclusive.", name, name)
		}
	}
	f.at("replied_user").yes()
}

func checkSnowflake(f field) {
	s, ok := f.value.(string)
	if n, number := f.value.(json.Number); number {
		s, ok = n.String(), true
	}
	if !ok || !snowflake.MatchString(s) {
		f.fail("NUMBER_TYPE_COERCE", "Value is not snowflake.")
	}
}

// checkAttachments: what is described must be there (Discord, API Reference,
// Uploading Files). files are the parts of the request.
func checkAttachments(f field, files int) {
	for _, a := range f.list(0, mostFiles) {
		if !a.object() {
			continue
		}
		a.at("description").text(0, 1024)
		a.at("filename").text(0, 1024)
		checkSnowflake(a.at("id"))
		// A number below any snowflake is the index of a part.
		if i, err := strconv.ParseInt(fmt.Sprint(a.at("id").value), 10, 64); err == nil && i < 1<<22 && i >= int64(files) {
			a.fail("ATTACHMENT_NOT_FOUND", "The attachment cannot be found")
		}
	}
}
