package fakediscord_test

import (
	"fmt"
	"strings"
	"testing"

	"smtptest/bot/bottest/fakediscord"
)

// bounded is a body with one value of a length or a count: the greatest that
// is accepted, and the first that is not.
type bounded struct {
	name  string
	make  func(n int) string
	most  int
	place string // in the tree of errors
}

func x(n int) string { return strings.Repeat("é", n) }

func many(n int, one func(i int) string) string {
	var all []string
	for i := range n {
		all = append(all, one(i))
	}
	return strings.Join(all, ",")
}

func format(f string) func(int) string {
	return func(n int) string { return fmt.Sprintf(f, x(n)) }
}

func button(i int) string {
	return fmt.Sprintf(`{"type":2,"style":1,"label":"a","custom_id":"b%d"}`, i)
}

func row(inside string) string {
	return `{"content":"a","components":[{"type":1,"components":[` + inside + `]}]}`
}

func option(i int) string { return fmt.Sprintf(`{"label":"a","value":"v%d"}`, i) }

func messageBounds() []bounded {
	field := `{"name":"a","value":"b"}`
	return []bounded{
		{"content", format(`{"content":"%s"}`), 2000, "content"},
		{"embeds", func(n int) string { return `{"embeds":[` + many(n, func(int) string { return `{"title":"a"}` }) + `]}` },
			10, "embeds"},
		{"title", format(`{"embeds":[{"title":"%s"}]}`), 256, "embeds.0.title"},
		{"description", format(`{"embeds":[{"description":"%s"}]}`), 4096, "embeds.0.description"},
		{"fields", func(n int) string {
			return `{"embeds":[{"fields":[` + many(n, func(int) string { return field }) + `]}]}`
		}, 25, "embeds.0.fields"},
		{"field name", format(`{"embeds":[{"fields":[{"name":"%s","value":"b"}]}]}`), 256, "embeds.0.fields.0.name"},
		{"field value", format(`{"embeds":[{"fields":[{"name":"a","value":"%s"}]}]}`), 1024, "embeds.0.fields.0.value"},
		{"footer", format(`{"embeds":[{"footer":{"text":"%s"}}]}`), 2048, "embeds.0.footer.text"},
		{"author", format(`{"embeds":[{"author":{"name":"%s"}}]}`), 256, "embeds.0.author.name"},
		{"sum of embeds", func(n int) string {
			return `{"embeds":[{"description":"` + x(4000) + `"},{"description":"` + x(n-4000) + `"}]}`
		}, 6000, "embeds"},
		{"rows", func(n int) string {
			return `{"content":"a","components":[` + many(n, func(i int) string {
				return `{"type":1,"components":[` +
					button(i) + `]}`
			}) + `]}`
		}, 5, "components"},
		{"buttons", func(n int) string { return row(many(n, button)) }, 5, "components.0.components"},
		{"options", func(n int) string {
			return row(`{"type":3,"custom_id":"s","options":[` + many(n, option) + `]}`)
		}, 25, "components.0.components.0.options"},
		{"button label", func(n int) string { return row(`{"type":2,"style":1,"custom_id":"a","label":"` + x(n) + `"}`) },
			80, "components.0.components.0.label"},
		{"custom id", func(n int) string { return row(`{"type":2,"style":1,"label":"a","custom_id":"` + x(n) + `"}`) }, 100,
			"components.0.components.0.custom_id"},
		{"placeholder", func(n int) string {
			return row(`{"type":3,"custom_id":"s","options":[` + option(1) + `],"placeholder":"` + x(n) + `"}`)
		}, 150, "components.0.components.0.placeholder"},
		{"nonce", format(`{"content":"a","nonce":"%s"}`), 25, "nonce"},
	}
}

func TestBoundsOfMessages(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, b := range messageBounds() {
		status, body := w.bot("POST", "/channels/"+w.text+"/messages", b.make(b.most))
		w.want(b.name+" at its limit", status, body, 200, 0)
		status, body = w.bot("POST", "/channels/"+w.text+"/messages", b.make(b.most+1))
		w.want(b.name+" beyond its limit", status, body, 400, 50035)
		if !place(body, b.place) {
			t.Errorf("%s: no error at %s: %v", b.name, b.place, body)
		}
	}
}

func TestShapesOfMessages(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct{ name, body, place string }{
		{"empty list of mentions", `{"content":"a","allowed_mentions":{"parse":[]}}`, ""},
		{"all mentions", `{"content":"a","allowed_mentions":{"parse":["users","roles","everyone"],"replied_user":false}}`,
			""},
		{"mentions are a list", `{"content":"a","allowed_mentions":[]}`, "allowed_mentions"},
		{"unknown mention", `{"content":"a","allowed_mentions":{"parse":["here"]}}`, "allowed_mentions.parse.0"},
		{"mention twice", `{"content":"a","allowed_mentions":{"parse":["users"],"users":["1"]}}`, "allowed_mentions"},
		{"mention of no snowflake", `{"content":"a","allowed_mentions":{"parse":[],"users":["bob"]}}`,
			"allowed_mentions.users.0"},
		{"content is a number", `{"content":1}`, "content"},
		{"ephemeral flag", `{"content":"a","flags":64}`, "flags"},
		{"suppressed embeds", `{"content":"a","flags":4}`, ""},
		{"embed without anything", `{"embeds":[{}]}`, "embeds.0.description"},
		{"colour", `{"embeds":[{"title":"a","color":16777216}]}`, "embeds.0.color"},
		{"address", `{"embeds":[{"title":"a","url":"javascript:alert(1)"}]}`, "embeds.0.url"},
		{"field without value", `{"embeds":[{"fields":[{"name":"a","value":""}]}]}`, "embeds.0.fields.0.value"},
		{"components without a row", `{"content":"a","components":[` + button(1) + `]}`, "components.0.type"},
		{"row without parts", row(``), "components.0.components"},
		{"unknown component", row(`{"type":99}`), "components.0.components.0.type"},
		{"custom id twice", row(button(1) + "," + button(1)), "components.0.components.1.custom_id"},
		{"empty custom id", row(`{"type":2,"style":1,"label":"a","custom_id":""}`), "components.0.components.0.custom_id"},
		{"button without words", row(`{"type":2,"style":1,"custom_id":"a"}`), "components.0.components.0.label"},
		{"button with a picture", row(`{"type":2,"style":1,"custom_id":"a","emoji":{"name":"x"}}`), ""},
		{"link", row(`{"type":2,"style":5,"label":"a","url":"https://example.org"}`), ""},
		{"link without address", row(`{"type":2,"style":5,"label":"a"}`), "components.0.components.0.url"},
		{"link with a custom id", row(`{"type":2,"style":5,"label":"a","url":"https://example.org","custom_id":"a"}`),
			"components.0.components.0"},
		{"select beside a button", row(button(1) + `,{"type":3,"custom_id":"s","options":[` + option(1) + `]}`),
			"components.0"},
		{"option value twice", row(`{"type":3,"custom_id":"s","options":[` + option(1) + `,` + option(1) + `]}`),
			"components.0.components.0.options.1.value"},
		{"a text without a row", `{"content":"a","components":[{"type":10,"content":"b"}]}`, "components.0.type"},
		{"file that is not there", `{"content":"a","attachments":[{"id":0,"filename":"a"}]}`, "attachments.0"},
		{"enforced nonce without one", `{"content":"a","enforce_nonce":true}`, "nonce"},
	} {
		status, body := w.bot("POST", "/channels/"+w.text+"/messages", c.body)
		if c.place == "" {
			w.want(c.name, status, body, 200, 0)
			continue
		}
		w.want(c.name, status, body, 400, 50035)
		if !place(body, c.place) {
			t.Errorf("%s: no error at %s: %v", c.name, c.place, body)
		}
	}
}

func TestEmptyAndBroken(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		name, body   string
		status, code int
	}{
		{"nothing", `{}`, 400, 50006},
		{"empty content", `{"content":"","embeds":null,"components":null}`, 400, 50006},
		{"buttons alone", `{"components":[{"type":1,"components":[` + button(1) + `]}]}`, 400, 50006},
		{"no JSON", `{"content":`, 400, 50109},
		{"two values", `{"content":"a"}{}`, 400, 50109},
		{"a list", `[]`, 400, 50035},
	} {
		status, body := w.bot("POST", "/channels/"+w.text+"/messages", c.body)
		w.want(c.name, status, body, c.status, c.code)
	}
}

func modal(parts string) string {
	return `{"type":9,"data":{"custom_id":"m","title":"Login","components":[` + parts + `]}}`
}

func label(inside string) string { return `{"type":18,"label":"a","component":` + inside + `}` }

func input(i int) string { return fmt.Sprintf(`{"type":4,"style":1,"custom_id":"i%d"}`, i) }

func TestBoundsOfModals(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	const c = "data.components."
	for _, b := range []bounded{
		{"title", format(`{"type":9,"data":{"custom_id":"m","title":"%s","components":[` + label(input(1)) + `]}}`), 45,
			"data.title"},
		{"custom id", format(`{"type":9,"data":{"custom_id":"%s","title":"t","components":[` + label(input(1)) + `]}}`), 100,
			"data.custom_id"},
		{"parts", func(n int) string { return modal(many(n, func(i int) string { return label(input(i)) })) }, 5,
			"data.components"},
		{"label", func(n int) string { return modal(`{"type":18,"label":"` + x(n) + `","component":` + input(1) + `}`) }, 45,
			c + "0.label"},
		{"description", func(n int) string {
			return modal(`{"type":18,"label":"a","description":"` + x(n) + `","component":` + input(1) + `}`)
		}, 100, c + "0.description"},
		{"value", func(n int) string { return modal(label(`{"type":4,"style":2,"custom_id":"a","value":"` + x(n) + `"}`)) },
			4000, c + "0.component.value"},
		{"greatest length", func(n int) string {
			return modal(label(fmt.Sprintf(`{"type":4,"style":2,"custom_id":"a","max_length":%d}`, n)))
		}, 4000, c + "0.component.max_length"},
		{"hint", func(n int) string {
			return modal(label(`{"type":4,"style":2,"custom_id":"a","placeholder":"` + x(n) + `"}`))
		}, 100, c + "0.component.placeholder"},
		{"options", func(n int) string {
			return modal(label(`{"type":3,"custom_id":"a","options":[` + many(n, option) + `]}`))
		}, 25, c + "0.component.options"},
		{"radio buttons", func(n int) string {
			return modal(label(`{"type":21,"custom_id":"a","options":[` + many(n, option) + `]}`))
		}, 10, c + "0.component.options"},
	} {
		status, body := w.respond(w.ask(w.text), b.make(b.most))
		w.want(b.name+" at its limit", status, body, 204, 0)
		status, body = w.respond(w.ask(w.text), b.make(b.most+1))
		w.want(b.name+" beyond its limit", status, body, 400, 50035)
		if !place(body, b.place) {
			t.Errorf("%s: no error at %s: %v", b.name, b.place, body)
		}
	}
}

func TestShapesOfModals(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct{ name, body, place string }{
		{"row of old forms", modal(`{"type":1,"components":[` + input(1) + `]}`), "data.components.0.type"},
		{"text", modal(`{"type":10,"content":"mail.example.com"},` + label(input(1))), ""},
		{"no parts", modal(``), "data.components"},
		{"input with its own label in a label", modal(label(`{"type":4,"style":1,"custom_id":"a","label":""}`)),
			"data.components.0.component.label"},
		{"button", modal(label(button(1))), "data.components.0.component.type"},
		{"custom id twice", modal(label(input(1)) + "," + label(input(1))), "data.components.1.component.custom_id"},
		{"disabled select", modal(label(`{"type":3,"custom_id":"a","disabled":true,"options":[` + option(1) + `]}`)),
			"data.components.0.component.disabled"},
		{"one radio button", modal(label(`{"type":21,"custom_id":"a","options":[` + option(1) + `]}`)),
			"data.components.0.component.options"},
		{"label without a part", modal(`{"type":18,"label":"a"}`), "data.components.0.component"},
		{"least length above greatest", modal(label(`{"type":4,"style":1,"custom_id":"a","min_length":9,"max_length":8}`)),
			"data.components.0.component.min_length"},
	} {
		status, body := w.respond(w.ask(w.text), c.body)
		if c.place == "" {
			w.want(c.name, status, body, 204, 0)
			continue
		}
		w.want(c.name, status, body, 400, 50035)
		if !place(body, c.place) {
			t.Errorf("%s: no error at %s: %v", c.name, c.place, body)
		}
	}
}
