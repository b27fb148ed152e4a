-- nvim --headless --clean -l lenses.lua: what a person with vim.lsp.start and nothing else can do.
local c = dofile(assert(vim.env.SCRIPTS) .. '/common.lua')

c.open('app/tests.py')
c.wait('the lenses', function()
  c.ask()
  return c.titles()[c.line('def test_right')] ~= nil
end)
for _, text in ipairs({ 'class Arithmetic', 'def test_right', 'def test_wrong', 'class Shelf', 'def test_starts_full' }) do
  c.lens(text, '▶ Run')
end
assert(c.titles()[0]:find('▶ Run file', 1, true), vim.inspect(c.titles()))

-- A test that passes, one with a database, and one that fails.
c.run('def test_right')
c.lens('def test_right', '✔ ')
assert(#vim.diagnostic.get(c.buffer) == 0)
c.run('def test_starts_full')
c.lens('def test_starts_full', ' queries')
c.run('def test_wrong')
c.lens('def test_wrong', '✘ 2 != 3')
c.lens('class Arithmetic', '✘ 1 of 2 failed')
local failure = c.diagnostics(1)[1]
assert(failure.lnum == c.line('self.assertEqual(1 + 1, 3)'), vim.inspect(failure))
assert(failure.col == 8 and failure.source == 'hotclub' and failure.severity == vim.diagnostic.severity.ERROR, vim.inspect(failure))
assert(failure.message:find('2 != 3', 1, true), vim.inspect(failure))

-- Its log opens as a file.
vim.api.nvim_win_set_cursor(0, { c.line('def test_wrong') + 1, 4 })
local offered = {}
vim.lsp.buf.code_action({
  filter = function(action)
    table.insert(offered, action.title)
    return (action.command.command or action.command) == 'hotclub.showOutput'
  end,
  apply = true,
})
c.wait('the log', function()
  return vim.api.nvim_buf_get_name(0):find('test_wrong.log', 1, true) ~= nil
end)
local log = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
assert(log:find('AssertionError: 2 != 3', 1, true) and log:find('about to fail', 1, true), log)
vim.cmd('buffer ' .. c.buffer)

-- Hover tells of the verdict.
local hover = vim.lsp.buf_request_sync(c.buffer, 'textDocument/hover', {
  textDocument = { uri = vim.uri_from_bufnr(c.buffer) },
  position = { line = c.line('def test_wrong'), character = 8 },
}, 30000)
assert(vim.inspect(hover):find('2 != 3', 1, true), vim.inspect(hover))

-- Fixed, saved and run again, it is gone.
c.replace('1 + 1, 3', '1 + 1, 2')
c.lens('def test_wrong', c.titles()[c.line('def test_wrong')] and '▶ Run' or '')
c.run('def test_wrong')
c.lens('def test_wrong', '✔ ')
c.diagnostics(0)

-- Watched, a save is enough for either.
c.command('hotclub.toggleWatch', { uri = vim.uri_from_bufnr(c.buffer) })
c.replace('1 + 1, 2', '1 + 1, 5')
assert(c.diagnostics(1)[1].message:find('2 != 5', 1, true))
c.replace('1 + 1, 5', '1 + 1, 2')
c.diagnostics(0)

io.stdout:write('all of it in Neovim ' .. tostring(vim.version()) .. '\n')
vim.cmd('qa!')
