-- nvim --headless --clean -l configuration.lua: what docs/editors.md has people put into init.lua
-- shows lenses and runs tests by its keys.
local c = dofile(assert(vim.env.SCRIPTS) .. '/common.lua')

dofile(assert(vim.env.SNIPPET))
c.enter('app/tests.py')
c.lens('def test_wrong', '▶ Run')
assert(vim.fn.maparg('<leader>t', 'n', false, true).callback == vim.lsp.codelens.run, 'no key for the lens of a line')
c.run('def test_wrong')
c.lens('def test_wrong', '✘ 2 != 3')
c.diagnostics(1)

-- A run of the shell is seen too: lenses are asked for again.
local shell = vim.system({ vim.env.HOTCLUB, 'run', 'app.tests.Shelf' }, { cwd = vim.env.PROJECT }):wait()
assert(shell.code == 0, shell.stdout .. shell.stderr)
c.wait('the verdict of the run of the shell', function()
  if not vim.lsp.codelens.enable then
    vim.api.nvim_exec_autocmds('CursorHold', { buffer = c.buffer })
  end
  return (c.titles()[c.line('def test_starts_full')] or ''):find('✔ ', 1, true) ~= nil
end)

io.stdout:write('configured for Neovim ' .. tostring(vim.version()) .. '\n')
vim.cmd('qa!')
