package configs

import _ "embed"

// CasbinModel is the model that internal/authz enforces.
//
//go:embed casbin_model.conf
var CasbinModel string
