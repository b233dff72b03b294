module.exports = require('../../jest.preset.cjs')('audits');
