-- A second client of the packaged server: attaches, waits for diagnostics, applies a code action, saves.
-- Environment: FRUGAL_NODE, FRUGAL_SERVER, FRUGAL_FILE, FRUGAL_RULE. Ends with exit code 0, or says what it waited for in vain.
local file = os.getenv('FRUGAL_FILE')
local rule = os.getenv('FRUGAL_RULE')

local function fail(message)
  io.stderr:write('FAIL ' .. message .. '\n')
  vim.cmd('cquit 1')
end

local function wait(what, condition)
  if not vim.wait(60000, condition, 50) then fail('waited in vain until ' .. what) end
  io.stdout:write('ok ' .. what .. '\n')
end

vim.cmd('edit ' .. file)
vim.bo.filetype = 'python'
local buffer = vim.api.nvim_get_current_buf()
local config = {
  name = 'frugal',
  cmd = { os.getenv('FRUGAL_NODE'), os.getenv('FRUGAL_SERVER'), '--stdio' },
  settings = { frugal = { preview = true } },
  root_dir = vim.fn.fnamemodify(file, ':h'),
}

-- Neovim 0.7 has no vim.lsp.start yet.
local id
if vim.lsp.start then
  id = vim.lsp.start(config)
else
  id = vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(buffer, id)
end
local client = vim.lsp.get_client_by_id(id)

local function has(code)
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    if one.code == code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code == code) then
      return one
    end
  end
end

wait('the client is attached', function() return client and client.initialized end)
wait('the finding is a diagnostic', function() return has(rule) end)
local found = has(rule)
if found.source ~= 'frugal' then fail('the source is ' .. tostring(found.source)) end

local function request(method, params)
  local response, err = client.request_sync(method, params, 30000, buffer)
  if err or not response or response.err then
    fail(method .. ': ' .. vim.inspect(err or (response and response.err)))
  end
  return response.result
end

local document = vim.lsp.util.make_text_document_params(buffer)
local position = { line = found.lnum, character = found.col }
local hover = request('textDocument/hover', { textDocument = document, position = position })
if not hover or not hover.contents.value:find(rule, 1, true) then fail('no hover') end
io.stdout:write('ok the hover explains\n')

local actions = request('textDocument/codeAction', {
  textDocument = document,
  range = { start = position, ['end'] = position },
  context = { diagnostics = {} },
})
local action
for _, one in ipairs(actions or {}) do
  if one.kind == 'quickfix' and one.data and one.data.rule == rule then action = action or one end
end
if not action then fail('no fix among ' .. vim.inspect(actions)) end
if not action.edit then action = request('codeAction/resolve', action) end
if not action.edit then fail('the fix has no edit: ' .. vim.inspect(action)) end
vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
io.stdout:write('ok the fix is applied\n')

wait('the finding is gone', function() return not has(rule) end)
vim.cmd('write')
client.stop()
wait('the server has stopped', function() return client.is_stopped() end)
vim.cmd('qall!')
