module tools/language-host

go 1.26.3

require github.com/pulumi/pulumi/sdk/v3 v3.259.0
