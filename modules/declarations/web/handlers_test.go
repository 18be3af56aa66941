package web

import (
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"ouderportaal/modules/declarations"
)

func TestAFormIsReadNoFurtherThanItCanBeFilledIn(t *testing.T) {
	app, request := fiber.New(), new(fasthttp.RequestCtx)
	request.Request.Header.SetContentType(fiber.MIMEApplicationForm)
	request.Request.SetBodyString("anders=x&veld_=x&veld_a=Ja&veld_a=Nee" + strings.Repeat("&veld_b=x", 45000))
	c := app.AcquireCtx(request)
	defer app.ReleaseCtx(c)
	filled := FilledOf(c)
	require.Equal(t, []string{"Ja", "Nee"}, filled["a"])
	require.Len(t, filled, 2)
	require.Len(t, filled["b"], declarations.MaxOptions)

	var body strings.Builder
	for i := range 1000 {
		body.WriteString("&veld_" + strconv.Itoa(i) + "=x")
	}
	many := new(fasthttp.RequestCtx)
	many.Request.Header.SetContentType(fiber.MIMEApplicationForm)
	many.Request.SetBodyString(body.String())
	m := app.AcquireCtx(many)
	defer app.ReleaseCtx(m)
	require.Len(t, FilledOf(m), mostFields)
}
