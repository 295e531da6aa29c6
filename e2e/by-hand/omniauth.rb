# OmniAuth with the OpenID Connect strategy that Debian packages (GitLab's), in a Sinatra application.

require 'json'
require 'omniauth_openid_connect'
require 'securerandom'
require 'sinatra'
require 'uri'

origin = "http://localhost:#{ENV.fetch('PORT')}"
issuer = URI(ENV.fetch('ISSUER'))

set :port, ENV.fetch('PORT')
set :bind, '127.0.0.1'
set :show_exceptions, false
set :sessions, true
set :session_secret, SecureRandom.hex(64)
# The page with the button, and the token that its form would carry, are left out.
OmniAuth.config.request_validation_phase = nil

use OmniAuth::Builder do
  provider :openid_connect,
           issuer: issuer.to_s,
           scope: %i[openid profile email],
           client_options: {
             identifier: ENV.fetch('CLIENT_ID'), secret: ENV.fetch('CLIENT_SECRET'),
             redirect_uri: "#{origin}/auth/openid_connect/callback",
             # Discovery, its usual way, insists on https.
             scheme: issuer.scheme, host: issuer.host, port: issuer.port, jwks_uri: "#{issuer}/jwks"
           }
end

get '/auth/openid_connect/callback' do
  session[:user] = request.env['omniauth.auth'].info.to_h.slice('name', 'email')
  redirect '/'
end

get '/' do
  content_type :json
  session[:user].to_json
end
