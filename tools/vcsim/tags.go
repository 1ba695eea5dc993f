package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
)

const categories = "/rest/com/vmware/cis/tagging/category"

// plainTypes makes categories of tags store the plain names of types, as a vCenter does whatever form it is sent; else
// the provider, which sends "urn:vim25:VirtualMachine", finds a difference in every preview.
func plainTypes(mux *http.ServeMux) {
	rest, _ := mux.Handler(&http.Request{Method: http.MethodPost, URL: &url.URL{Path: categories}})
	plain := func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			body = bytes.ReplaceAll(body, []byte(`"urn:vim25:`), []byte(`"`))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		rest.ServeHTTP(w, r)
	}
	mux.HandleFunc(categories, plain)
	mux.HandleFunc(categories+"/", plain)
}
