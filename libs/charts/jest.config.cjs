module.exports = require('../../jest.preset.cjs')('charts');
