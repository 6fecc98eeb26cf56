'use strict';

/*
 * `npm start`: installs what is missing, builds what has changed, and becomes the agent. This file stays readable for
 * Node.js of any age, so that an old one is told to go rather than trips over syntax.
 */
var engines = require('../package.json').engines;
var needed = /(\d+)\.(\d+)/.exec(engines.node);
var running = /(\d+)\.(\d+)/.exec(process.version);

if (+running[1] < +needed[1] || (+running[1] === +needed[1] && +running[2] < +needed[2])) {
  process.stderr.write('turnkeeper needs Node.js ' + needed[0] + ' or newer; this is ' + process.version + '.\n');
  process.exit(1);
}

const { prepare } = require('./lib/prepare');

prepare(process.argv.slice(2));
require('../dist/main.js');
