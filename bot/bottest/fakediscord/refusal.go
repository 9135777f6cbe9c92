package fakediscord

import "smtptest/bot/bottest/wire"

// JSON error codes of the REST API (Discord, Topics, Opcodes and Status Codes).
const (
	codeGeneral            = 0
	codeUnknownApplication = 10002
	codeUnknownChannel     = 10003
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeDailyCreates       = 30034
	codeEntityTooLarge     = 40005
	codeAcknowledged       = 40060
	codeFollowups          = 40094
	codeMissingAccess      = 50001
	codeOthersMessage      = 50005
	codeEmptyMessage       = 50006
	codeNotText            = 50008
	codeMissingPermissions = 50013
	codeChannelType        = 50024
	codeWebhookToken       = 50027
	codeFormBody           = 50035
	codeArchived           = 50083
	codeInvalidJSON        = 50109
	codeThreadExists       = 160004
	codeLocked             = 160005
	codeTooManyThreads     = 160006
	codeAutoMod            = 200000
	codeUnauthorized       = -401 // Discord sends code 0 with these two
	codeNotFound           = -404
	codeMethod             = -405
	mostRequestOctets      = 25 << 20 // Discord, API Reference, Uploading Files
	mostFileOctets         = 10 << 20 // same: the default, before boosts
	mostFiles              = 10       // Discord, Message Resource, Attachments
	// Discord, Receiving and Responding, Followup Messages: apps that only the user installed
	mostInvitedFollowups     = 5
	mostEnforcedNonceSeconds = 300 // Discord says "past few minutes"
)

// refusal is an answer other than success.
type refusal struct {
	status, code int
	message      string
	errors       map[string]any // of 50035, the tree by field; nil: none
}

// answers are status and words by code.
var answers = map[int]refusal{
	codeUnauthorized:       {status: 401, message: "401: Unauthorized"},
	codeNotFound:           {status: 404, message: "404: Not Found"},
	codeMethod:             {status: 405, message: "405: Method Not Allowed"},
	codeUnknownApplication: {status: 404, message: "Unknown Application"},
	codeUnknownChannel:     {status: 404, message: "Unknown Channel"},
	codeUnknownMessage:     {status: 404, message: "Unknown Message"},
	codeUnknownWebhook:     {status: 404, message: "Unknown Webhook"},
	codeUnknownInteraction: {status: 404, message: "Unknown interaction"},
	codeDailyCreates: {
		status: 400, message: "Max number of daily application command creates has been reached (200)",
	},
	codeEntityTooLarge: {status: 413, message: "Request entity too large"},
	codeAcknowledged:   {status: 400, message: "Interaction has already been acknowledged."},
	codeFollowups: {
		status: 400, message: "This interaction has reached the maximum number of follow-up messages",
	},
	codeMissingAccess:      {status: 403, message: "Missing Access"},
	codeOthersMessage:      {status: 403, message: "Cannot edit a message authored by another user"},
	codeEmptyMessage:       {status: 400, message: "Cannot send an empty message"},
	codeNotText:            {status: 400, message: "Cannot send messages in a non-text channel"},
	codeMissingPermissions: {status: 403, message: "Missing Permissions"},
	codeChannelType:        {status: 400, message: "Cannot execute action on this channel type"},
	codeWebhookToken:       {status: 401, message: "Invalid Webhook Token"},
	codeFormBody:           {status: 400, message: "Invalid Form Body"},
	codeArchived:           {status: 400, message: "Thread is archived"},
	codeInvalidJSON:        {status: 400, message: "The request body contains invalid JSON."},
	codeThreadExists:       {status: 400, message: "A thread has already been created for this message"},
	codeLocked:             {status: 400, message: "This thread is locked"},
	codeTooManyThreads:     {status: 400, message: "Maximum number of active threads reached"},
	codeAutoMod:            {status: 400, message: "Message was blocked by automatic moderation"},
}

func refuse(code int) *refusal {
	r := answers[code]
	r.code = max(code, codeGeneral)
	return &r
}

func (r *refusal) reply() wire.Reply {
	b := map[string]any{"message": r.message, "code": r.code}
	if r.errors != nil {
		b["errors"] = r.errors
	}
	return encoded(r.status, b)
}
