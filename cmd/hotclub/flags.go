package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// A flag with an optional value takes the next word only if it looks like one, as in
// "-n 4" and "-n shop.tests". To kong it is a boolean that reads its own value.
type optional interface{ takes(word string) bool }

// optionalValue reads the value of such a flag, if there is one.
func optionalValue(ctx *kong.DecodeContext, o optional) (value string, given bool) {
	next := ctx.Scan.Peek()
	word, isText := next.Value.(string)
	switch next.Type {
	case kong.FlagValueToken: // --flag=value
	case kong.ShortFlagTailToken, kong.UntypedToken:
		if !isText || !o.takes(word) {
			return "", false
		}
	default:
		return "", false
	}
	ctx.Scan.Pop()
	return fmt.Sprint(next.Value), true
}

var number = regexp.MustCompile(`^\d+$`)

// parallelFlag is -n, --parallel [N|auto].
type parallelFlag wire.Parallel

func (*parallelFlag) IsBool() bool           { return true }
func (*parallelFlag) takes(word string) bool { return word == "auto" || number.MatchString(word) }

// Decode reads a number of workers; none means auto, as in Django.
func (p *parallelFlag) Decode(ctx *kong.DecodeContext) error {
	value, given := optionalValue(ctx, p)
	if !given || value == "auto" {
		*p = parallelFlag(wire.Auto)
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is neither auto nor a number from 1", value)
	}
	*p = parallelFlag(n)
	return nil
}

// shuffleFlag is --shuffle [SEED].
type shuffleFlag struct {
	on   bool
	seed *int64
}

func (*shuffleFlag) IsBool() bool           { return true }
func (*shuffleFlag) takes(word string) bool { return number.MatchString(word) }

// Decode reads a seed; none means that one is drawn.
func (s *shuffleFlag) Decode(ctx *kong.DecodeContext) error {
	s.on = true
	value, given := optionalValue(ctx, s)
	if !given {
		return nil
	}
	seed, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fmt.Errorf("the seed %q is not a number", value)
	}
	s.seed = &seed
	return nil
}

// verbosityFlag is -v, -vv or Django's -v N, as a difference to the usual 1.
type verbosityFlag int

func (*verbosityFlag) IsBool() bool           { return true }
func (*verbosityFlag) takes(word string) bool { return len(word) == 1 && "0" <= word && word <= "3" }

// Decode counts, or takes the number.
func (v *verbosityFlag) Decode(ctx *kong.DecodeContext) error {
	value, given := optionalValue(ctx, v)
	if !given {
		*v++
		return nil
	}
	if !v.takes(value) {
		return fmt.Errorf("%q is not a number from 0 to 3", value)
	}
	*v = verbosityFlag(int(value[0]-'0') - 1)
	return nil
}

// revisionFlag is --affected [=REV].
type revisionFlag string

func (*revisionFlag) IsBool() bool      { return true }
func (*revisionFlag) takes(string) bool { return false }

// Decode takes any revision; without one it is the last run of each test that is meant.
func (r *revisionFlag) Decode(ctx *kong.DecodeContext) error {
	value, given := optionalValue(ctx, r)
	switch {
	case !given:
		value = runner.SinceLastRun
	case value == "":
		return errors.New("a revision is missing, as in --affected=HEAD")
	}
	*r = revisionFlag(value)
	return nil
}

// durationFlag is a time such as 90, 90s or 2m.
type durationFlag time.Duration

// Decode reads seconds where no unit is given.
func (d *durationFlag) Decode(ctx *kong.DecodeContext) error {
	token, err := ctx.Scan.PopValue("duration")
	if err != nil {
		return err
	}
	text := token.String()
	value, err := time.ParseDuration(text)
	if seconds, isNumber := strconv.ParseFloat(text, 64); isNumber == nil {
		value, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if err != nil || value < 0 {
		return fmt.Errorf("%q is not a time such as 90, 90s or 2m", text)
	}
	*d = durationFlag(value)
	return nil
}

// methodFlag is how workers are started; without it the configuration says.
type methodFlag string

// UnmarshalText implements [encoding.TextUnmarshaler].
func (m *methodFlag) UnmarshalText(text []byte) error {
	*m = methodFlag(text)
	if !slices.Contains([]methodFlag{"auto", "fork", "spawn"}, *m) {
		return fmt.Errorf("%q is none of auto, fork and spawn", text)
	}
	return nil
}
