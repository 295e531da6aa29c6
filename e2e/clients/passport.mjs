// passport-openidconnect in an Express application, set up as its documentation shows. `/` shows who is logged in.

import { randomUUID } from 'node:crypto';

import express from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';

/** The application for one registered client. */
export function passportApplication({ issuer, id, secret }) {
  const users = new Passport();
  users.use(new OpenIDConnectStrategy({
    issuer,
    authorizationURL: `${issuer}/authorize`,
    tokenURL: `${issuer}/token`,
    userInfoURL: `${issuer}/userinfo`,
    clientID: id,
    clientSecret: secret,
    callbackURL: '/callback',
    scope: ['profile', 'email'],
  }, (_issuer, profile, done) => done(null, profile)));
  users.serializeUser((user, done) => done(null, user));
  users.deserializeUser((user, done) => done(null, user));

  const app = express();
  app.use(session({ secret: randomUUID(), resave: false, saveUninitialized: false }));
  app.use(users.session());
  app.get('/login', users.authenticate('openidconnect'));
  app.get('/callback', users.authenticate('openidconnect', { successRedirect: '/' }));
  app.get('/', (request, response) => response.status(request.user ? 200 : 401).json(request.user ?? {}));
  return app;
}
